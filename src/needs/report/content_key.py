"""When a chapter must run again: a key over everything that its output may depend on.

A chapter sees a masked study, so that its key can leave out what it does not declare. The
parts of the key are kept in the manifest, so that a later run can say which of them changed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from needs.inputs.files import hash_file, resolve
from needs.report.chapters import ChapterSpec
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.file_names import shown_name
from needs.vocabulary.study import Inputs, ReportSettings, Study

__all__ = [
    "Components",
    "changes",
    "chapter_components",
    "code_hash",
    "declared_inputs",
    "environment_components",
    "input_hashes",
    "key_of",
    "masked_study",
    "package_versions",
    "python_version",
    "settings_components",
]

Components = Mapping[str, str]
"""Name of a part (``settings.period``, ``input.ssda903/2023.csv``) -> its hash or version."""

ALWAYS = ("schema_version", "authority", "period", "counting", "disclosure")
"""Sections that every chapter may use."""

PACKAGE = Path(__file__).resolve().parents[1]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def key_of(components: Components) -> str:
    """Return one SHA-256 over all components, whatever their order."""
    return _digest(dict(components))


def masked_study(study: Study, spec: ChapterSpec) -> Study:
    """Return the study as a chapter may see it.

    Parameters
    ----------
    study : Study
        All settings.
    spec : ChapterSpec
        What the chapter declares.

    Returns
    -------
    Study
        Same folder; sections that the chapter does not declare have their defaults, and
        inputs that it does not declare are absent. Of the section ``report`` only
        ``synthetic`` is kept, which every output must say.
    """
    kept = {name: getattr(study, name) for name in (*ALWAYS, *spec.settings)}
    files = {name: study.inputs.patterns(name) for name in spec.inputs}
    notes = ("return_years", "extract_ends") if "ssda903" in spec.inputs else ()
    kept["inputs"] = Inputs(**files, **{name: getattr(study.inputs, name) for name in notes})
    kept["report"] = ReportSettings(synthetic=study.report.synthetic)
    masked = Study(**kept)
    object.__setattr__(masked, "_folder", study.folder)
    return masked


def declared_inputs(study: Study) -> tuple[str, ...]:
    """Return the names of the inputs that a study declares, in the order of the schema."""
    return tuple(name for name, value in study.inputs if isinstance(value, tuple) and value)


def input_hashes(study: Study, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return input name -> file name relative to the study -> SHA-256.

    Raises
    ------
    InputError
        With the faults of all inputs at once: files that are missing, lie outside or
        cannot be opened.
    """
    found: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    root = study.folder.resolve()
    for name in names:
        try:
            files = resolve(study, name)
        except InputError as e:
            faults.extend(e.faults)
            continue
        found[name] = {}
        for p in files:
            file = p.relative_to(root).as_posix()
            try:
                found[name][file] = hash_file(p)
            except OSError:
                mend = "close it in other programs, or give yourself access to it"
                faults.append(Fault(file, "the file cannot be opened", mend))
    if faults:
        raise InputError("the study's inputs cannot be found or opened", faults)
    return found


def _sources() -> Iterator[Path]:
    """Yield the package's own files that can change a chapter or a page."""
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE).parts
        skipped = "__pycache__" in inside or inside[0] in {"cli", "_notebooks"}
        if path.is_file() and not skipped and not path.name.startswith("."):
            yield path


@cache
def code_hash() -> str:
    """Return one SHA-256 over the package's files, the command line left out."""
    return _digest([(p.relative_to(PACKAGE).as_posix(), hash_file(p)) for p in _sources()])


@cache
def package_versions() -> dict[str, str]:
    """Return the version of every installed package that ``needs`` stands on, sorted by name."""
    from packaging.requirements import Requirement  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    versions: dict[str, str] = {}
    waiting = ["needs"]
    while waiting:
        name = waiting.pop()
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        versions[name] = found.version
        needed = (Requirement(text) for text in found.requires or ())
        names = (
            str(canonicalize_name(r.name))
            for r in needed
            if r.marker is None or r.marker.evaluate({"extra": ""})
        )
        waiting.extend(n for n in names if n not in versions and n not in waiting)
    versions.pop("needs", None)
    return dict(sorted(versions.items()))


def _notebook_sources(path: Path) -> list[list[str]]:
    """Return kind and source of each cell: what a person wrote, without outputs and ids."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [[c["cell_type"], "".join(c["source"]), *_tags(c)] for c in cells]


def _tags(cell: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    return sorted(cell.get("metadata", {}).get("tags", []))


def settings_components(study: Study) -> dict[str, str]:
    """Return ``settings.SECTION`` -> hash for each section of a study, and for its name."""
    settings = {**study.model_dump(mode="json"), "name": study.name}
    return {f"settings.{name}": _digest(value) for name, value in settings.items()}


def python_version() -> str:
    """Return the interpreter and its version, such as ``cpython 3.11.7``."""
    return f"{sys.implementation.name} {platform.python_version()}"


def environment_components() -> dict[str, str]:
    """Return the parts that are of the machine: our code, Python with installed packages."""
    return {"code": code_hash(), "environment": _digest([python_version(), package_versions()])}


def chapter_components(
    study: Study, spec: ChapterSpec, notebook: Path, hashes: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Return the parts of a chapter's key by name.

    Parameters
    ----------
    study : Study
        All settings; masked here.
    spec : ChapterSpec
        What the chapter declares.
    notebook : Path
        Its notebook.
    hashes : mapping
        From :func:`input_hashes`.
    """
    parts = settings_components(masked_study(study, spec))
    for name in spec.inputs:
        parts |= {f"input.{name}/{file}": h for file, h in hashes.get(name, {}).items()}
    parts["notebook"] = _digest(_notebook_sources(notebook))
    return {**parts, **environment_components()}


def _in_words(part: str, old: str | None, new: str | None) -> str:
    kind, _, rest = part.partition(".")
    if kind == "settings":
        return f"setting [{rest}] changed"
    if kind == "input":
        what = "is new" if old is None else "is gone" if new is None else "changed"
        return f"input {shown_name(rest)} {what}"
    if kind == "chapter":
        return f"chapter {rest} changed"
    return {
        "notebook": "notebook changed",
        "code": "code of needs changed",
        "environment": "Python or a package changed",
        "chapters": "other chapters than before",
        "pdf": f"PDF {new}",
        "browser": "another browser for the PDF",
        "sign_off": "who signed the report off",
    }.get(part, f"{part} changed")


def changes(old: Components, new: Components) -> tuple[str, ...]:
    """Return what differs between two sets of components, in words, sorted by component."""
    differing = sorted(k for k in {*old, *new} if old.get(k) != new.get(k))
    return tuple(_in_words(k, old.get(k), new.get(k)) for k in differing)
