"""The kernel names no app, not even in the imports for the type checker, which import-linter leaves out."""

from __future__ import annotations

import ast
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = {name.split(".")[0] for name in settings.OWN_APPS} - {"core", "crm"}


def named(path: Path) -> set[str]:
    """Return the top packages that a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    modules += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {module.split(".")[0] for module in modules}


def test_the_kernel_names_no_app():
    assert {"accounts", "customers", "offers"} <= APPS
    files = [path for path in (ROOT / "core").rglob("*.py") if "tests" not in path.parts]
    assert len(files) > 50
    assert {str(path.relative_to(ROOT)): named(path) & APPS for path in files if named(path) & APPS} == {}
