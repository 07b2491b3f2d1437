# SPDX-License-Identifier: MIT
"""layers.py ROOT: an #include in lib/ and include/stox/ points down (lib/layers.txt), and foreign headers stay in their adapter."""
import re
import gatelib

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
LIBRARY_ORDER = ["core", "stox", "uv"]
# Which folders may see a foreign library; the rest of the world is the host's.
FOREIGN = {
    r"libxml/": {"xml"},
    r"gnutls/": {"crypto"},
    r"(idna|idn2|stringprep|punycode|idn-free|tld|pr29|unicase|unictype|uninorm)\.h$": {"text"},
    r"(uv|ares|ares_\w+)\.h$|uv/|sys/|netinet/|arpa/|netdb\.h|unistd\.h|fcntl\.h|poll\.h|pthread\.h|signal\.h|time\.h": {"uv"},
    r"errno\.h$": {"uv", "crypto"},
    r"(stdio|ctype|wctype|locale|setjmp|alloca|threads)\.h$": set(),
}


class Layers:
    """lib/layers.txt: name -> (rank, library); header-only concern -> the folder it belongs to."""

    def __init__(self, path):
        self.folders, self.headers = {}, {}
        for line in path.read_text().splitlines():
            fields = line.split("#")[0].split()
            if not fields:
                continue
            rank, library, name = int(fields[0]), fields[1], fields[2]
            if name.startswith("h:"):
                self.headers[name[2:]] = fields[3]
            else:
                self.folders[name] = (rank, library)

    def may_see(self, user, used):
        if user == used:
            return True
        (user_rank, user_library), (rank, library) = self.folders[user], self.folders[used]
        return rank < user_rank and LIBRARY_ORDER.index(library) <= LIBRARY_ORDER.index(user_library)


def header_folder(layers, root, name):
    """The folder of include/stox/NAME.h: its namesake, what layers.txt says of it, or where its source lies."""
    if name in layers.folders:
        return name
    if name in layers.headers:
        return layers.headers[name]
    found = [folder for folder in layers.folders if (root / "lib" / folder / f"{name}.c").exists()]
    return found[0] if len(found) == 1 else None


def check_file(layers, root, path, folder):
    for quote, target in INCLUDE.findall(path.read_text()):
        where = f"{path.relative_to(root)}: {target}"
        if quote == "<":
            for pattern, allowed in FOREIGN.items():
                if re.match(pattern, target) and folder not in allowed:
                    yield f"{where} is not for {folder}"
            continue
        first, _, rest = target.partition("/")
        used = header_folder(layers, root, rest[:-2]) if first == "stox" else first
        if used not in layers.folders:
            yield f"{where} belongs to no layer"
        elif not layers.may_see(folder, used):
            yield f"{where}: {folder} may not see {used}"


def check(root):
    layers = Layers(root / "lib" / "layers.txt")
    for path in gatelib.below(root, ["lib"], {".c", ".h"}):
        folder = path.relative_to(root / "lib").parts[0]
        if folder not in layers.folders:
            yield f"{path.relative_to(root)}: {folder} has no rank in lib/layers.txt"
        else:
            yield from check_file(layers, root, path, folder)
    for path in gatelib.below(root, ["include/stox"], {".h"}):
        folder = header_folder(layers, root, path.stem)
        if folder is None:
            yield f"{path.relative_to(root)}: no lib/*/{path.stem}.c, and no h:{path.stem} in lib/layers.txt"
        else:
            yield from check_file(layers, root, path, folder)


gatelib.verdict(list(check(gatelib.root_argument())), "every #include points down")
