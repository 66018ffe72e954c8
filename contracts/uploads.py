"""Files that somebody sends to be looked at: held in memory while they are, and no longer, and never too large."""

from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST = 10 * 1024 * 1024


class InMemory(FileUploadHandler):
    """Keeps up to `MOST` bytes of each file; of a larger one nothing, and the request is marked `is_too_large`."""

    def new_file(self, *arguments: Any, **options: Any) -> None:
        super().new_file(*arguments, **options)
        self.chunks: list[bytes] = []
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size > MOST:
            self.chunks = []
            self.request.is_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        self.chunks.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        from io import BytesIO

        content = BytesIO(b"".join(self.chunks))
        return InMemoryUploadedFile(
            file=content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )
