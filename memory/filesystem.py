"""Where a home lies: whether its file system belongs to another machine."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    "9p afs beegfs ceph cifs coda davfs fuse.davfs fuse.gcsfuse fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs"
    " fuse.vmhgfs-fuse gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs smb2 smb3 smbfs"
    " vboxsf virtiofs".split()
)
"""Names, as Linux gives them, of those that are on another machine or are shared with one."""


def network_of(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Name of the network file system that a path lies on; None when it lies on none, or when nothing is known."""
    try:
        text = mounts.read_text(errors="surrogateescape")
    except OSError:
        return None
    name = mounted(text, path.resolve())
    return name if name in NETWORK else None


def mounted(mountinfo: str, path: Path) -> str | None:
    """Name of the file system that a path lies on, by the text of /proc/self/mountinfo; of two in one place the last."""
    found: tuple[int, str] | None = None
    for line in mountinfo.splitlines():
        mount, _, source = line.partition(" - ")
        fields, name = mount.split(), source.split()
        if len(fields) < 5 or not name:
            continue
        place = Path(_unescaped(fields[4]))
        if path.is_relative_to(place) and (found is None or len(place.parts) >= found[0]):
            found = len(place.parts), name[0]
    return None if found is None else found[1]


def _unescaped(word: str) -> str:
    """Spaces, tabs, line breaks and backslashes are written as three octal digits there."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)
