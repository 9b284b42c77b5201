"""What a download can fail with."""


class DownloadError(RuntimeError):
    """A data set that could not be downloaded; its message is one sentence that names the way out."""


class MirrorError(RuntimeError):
    """No mirror gave a file; its message lists each with its reason."""


class SizeError(ValueError):
    """A mirror offers more or fewer bytes than the file has."""
