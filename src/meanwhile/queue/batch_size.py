"""How many jobs a worker turns together: as many as one transaction can write in the time that it may take."""

from meanwhile.core.conf import conf

# A batch is not made smaller than this, unless the site wants it: on a slow disk or a busy machine the commit takes the
# time, not the jobs.
LEAST = 8


class BatchSize:
    """``limit`` follows how long the turns take, between ``LEAST`` and the site's ``batch_size``."""

    def __init__(self) -> None:
        self.limit = conf().batch_size

    def fit(self, size: int, seconds: float) -> None:
        """A turn of ``size`` jobs took so long. A batch commits after ``batch_milliseconds`` at the latest: what took
        longer is made smaller next time."""
        if seconds * 1000 > conf().batch_milliseconds and size > 1:
            self.limit = max(min(LEAST, conf().batch_size), min(size, self.limit) // 2)
        elif self.limit < conf().batch_size:
            self.limit = min(conf().batch_size, self.limit + 1 + self.limit // 8)
