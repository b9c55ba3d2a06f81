"""Files attached to rows: what is accepted, how it is named, who gets it. The rows here are users."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.documents import check_file, document_add, document_remove, documents_of, safe_name
from core.exceptions import BusinessRuleError
from core.models import Document

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("a\x00b\r\n.txt", "a b .txt"),
        ("photo\u202egnp.exe.png", "photo gnp.exe.png"),
        ("..hidden..", "hidden"),
        ("", "document"),
        ("???", "document"),
        ("A\u0308iti.pdf", "Äiti.pdf"),
        ('a"b;c.pdf', "a b;c.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert safe_name(given).replace("  ", " ") == kept
    assert len(safe_name(given)) <= 150
    assert safe_name(given)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.png", PNG, "image/png"),
        ("a.PDF", PDF, "application/pdf"),
        ("a.txt", "åäö".encode(), "text/plain"),
        ("a.csv", "a;b".encode("utf-16"), "text/csv"),
        ("a.docx", zipped(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_accepted_files_get_the_media_type_of_their_name(name, content, media_type):
    assert check_file(SimpleUploadedFile(name, content, content_type="text/html")) == media_type


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "file_empty"),
        ("a.html", b"<script>", "file_type"),
        ("a.svg", b"<svg/>", "file_type"),
        ("a.exe", b"MZ", "file_type"),
        ("noextension", b"x", "file_type"),
        ("a.png", b"<script>alert(1)</script>", "file_content"),
        ("a.pdf", PNG, "file_content"),
        ("a.docx", b"not a zip", "file_content"),
        ("a.doc", PDF, "file_content"),
        ("a.txt", b"MZ\x00\x00", "file_content"),
        ("a.csv", b"\x01\x02\x03\x04", "file_content"),
        ("a.txt", b"\xff\xfe\x00\xd8\x00\xd8", "file_content"),
    ],
)
def test_other_files_are_refused_with_a_sentence_at_the_field(name, content, code):
    with pytest.raises(BusinessRuleError) as error:
        check_file(SimpleUploadedFile(name, content))
    assert (error.value.code, error.value.field) == (code, "file")
    assert str(error.value)


def test_a_file_over_the_limit_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 3
    with pytest.raises(BusinessRuleError) as error:
        check_file(SimpleUploadedFile("a.txt", b"1234"))
    assert error.value.code == "file_too_large"


@pytest.mark.django_db
class TestStored:
    @pytest.fixture
    def reader(self):
        return UserFactory(role="read_only")

    @pytest.fixture
    def document(self, reader):
        upload = SimpleUploadedFile("Sopimus ä.pdf", PDF)
        return document_add(target=reader, upload=upload, user=reader, description="Contract")

    def get(self, user, document):
        client = Client()
        if user:
            client.force_login(user)
        return client.get(f"/documents/{document.pk}/")

    def test_its_row_is_locked_while_it_is_stored(self, reader):
        with CaptureQueriesContext(connection) as queries:
            document_add(target=reader, upload=SimpleUploadedFile("a.pdf", PDF), user=reader)
        [lock, stored] = [query["sql"] for query in queries if "FOR NO KEY" in query["sql"] or "INSERT" in query["sql"]]
        assert "accounts_user" in lock
        assert "core_document" in stored

    def test_a_row_that_has_been_removed_meanwhile_gets_none(self, reader):
        gone = UserFactory()
        User.objects.filter(pk=gone.pk).delete()
        with pytest.raises(BusinessRuleError, match="no longer exists"):
            document_add(target=gone, upload=SimpleUploadedFile("a.pdf", PDF), user=reader)
        assert not Document.objects.exists()

    def test_it_is_stored_under_a_name_nobody_can_guess(self, document, reader):
        assert "Sopimus" not in document.file.name
        assert [row.name for row in documents_of(reader)] == ["Sopimus ä.pdf"]
        assert list(documents_of(UserFactory())) == []

    def test_it_is_served_as_a_download_that_no_browser_runs(self, document, reader):
        response = self.get(reader, document)
        assert b"".join(response.streaming_content) == PDF
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]

    def test_who_may_not_see_the_row_may_not_have_the_file(self, document, reader):
        reader.is_active = False
        reader.save()
        assert self.get(UserFactory(role="account_manager"), document).status_code == 404
        administrator = self.get(UserFactory(role="administrator"), document)
        assert administrator.status_code == 200
        administrator.close()

    def test_visitors_sign_in_first(self, document):
        assert self.get(None, document).status_code == 302

    def test_a_document_that_is_not_there_is_404(self, document, reader):
        document.file.storage.delete(document.file.name)
        assert self.get(reader, document).status_code == 404
        document.delete()
        document.pk = 10**12
        assert self.get(reader, document).status_code == 404

    def test_removing_removes_the_file_once_that_is_certain(self, document, django_capture_on_commit_callbacks):
        storage, path = document.file.storage, document.file.name
        with django_capture_on_commit_callbacks(execute=True):
            document_remove(document)
            assert storage.exists(path)
        assert not storage.exists(path)
        assert not Document.objects.exists()
