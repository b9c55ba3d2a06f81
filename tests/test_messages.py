"""What is said after a change names what was done: no bare “Saved.” anywhere."""

import ast
import re
from pathlib import Path

from django.urls import get_resolver

from core.form_undo import UndoMixin
from core.views import ActionView, ServiceFormView

ROOT = Path(__file__).resolve().parents[1]
BARE = ("Saved", "Done", "Deleted", "Undone", "Approved", "Resolved", "Removed", "Changed", "Status changed", "Added")
#: A text that is said, as the code writes it.
SAID = re.compile(rf'(?:_|gettext|gettext_lazy)\(\s*"(?:{"|".join(BARE)})\."')


def views():
    """Yield the class of every page by its name."""

    def under(patterns, place=""):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from under(pattern.url_patterns, f"{pattern.namespace or place}:")
            elif found := getattr(pattern.callback, "view_class", None):
                yield f"{place}{pattern.name}", found

    yield from under(get_resolver().url_patterns)


#: A name of which gettext's tools do not know that it translates: its texts would stay English.
UNKNOWN = re.compile(r"\b(?:n?gettext|gettext_lazy) as (?!_$)\w+", re.MULTILINE)


def sources():
    return [path for path in ROOT.glob("[a-z]*/**/*.py") if "tests" not in path.parts]


def test_texts_are_translated_by_names_that_the_catalogue_is_made_from():
    assert [str(path) for path in sources() if UNKNOWN.search(path.read_text(encoding="utf-8"))] == []


#: What people are refused or told with, and what translates.
SAYING = {"ValidationError", "BusinessRuleError", "ParameterError", "add_error", "said"}
TRANSLATING = {"_", *(f"{kind}gettext{lazy}" for kind in ("", "n", "p", "np") for lazy in ("", "_lazy"))}


def untranslated(path):
    """Yield the lines on which a sentence is said that no call translates."""
    for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        if _name(call) in SAYING:
            yield from (f"{path}:{line}" for part in (*call.args, *call.keywords) for line in _sentences(part))


def _name(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _sentences(node):
    """Yield the lines of the sentences in a part of a call, without those that a call translates."""
    if isinstance(node, ast.Call) and _name(node) in TRANSLATING:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _sentences(child)


def test_whatever_is_refused_is_refused_in_the_users_language():
    own = [path for path in sources() if "migrations" not in path.parts and path.parts[len(ROOT.parts)] != "demo"]
    assert [line for path in own for line in untranslated(path)] == []


def test_no_text_says_only_that_something_was_saved():
    assert [str(path) for path in sources() if SAID.search(path.read_text(encoding="utf-8"))] == []


def test_every_change_says_something_or_shows_what_it_did():
    """A page with an empty text says its own or leads to a page of the job (see the comment beside it)."""
    changing = {name: view for name, view in views() if issubclass(view, ServiceFormView | ActionView)}
    silent = {name for name, view in changing.items() if view.success_message == "" and not _says_its_own(view)}
    assert silent == {"core:bulk_undo"} | {
        f"imports:{name}" for name in ("new", "check", "start", "assign", "undo_all", "undo_rows", "undo_check")
    }


def _says_its_own(view):
    code = (ROOT / f"{view.__module__.replace('.', '/')}.py").read_text(encoding="utf-8")
    return "said(" in code or "shared" in {part for base in view.__mro__ for part in base.__module__.split(".")}


def test_the_forms_that_people_use_each_day_are_undone_from_their_message():
    undoable = {name for name, view in views() if issubclass(view, UndoMixin) and view.undoable}
    assert undoable >= {
        "customers:edit", "customers:addresses", "customers:classes_edit", "customers:contact_edit",
        "customers:position_edit", "activities:change", "offers:edit", "orders:edit", "orders:billing",
        "feedback:assign", "products:edit", "sales:person_target", "accounts:profile",
    }  # fmt: skip
