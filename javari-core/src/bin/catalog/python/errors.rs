//! The exception tree of Python: one class per kind of error.

use std::fmt::Write;

use javari_core::ErrorKind;

use super::{NOTE, text};

/// What stands before the classes.
const HEAD: &str = r#"
"""The exceptions of Javari: one class per code, all of them a `JavariError`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple


class FieldFault(NamedTuple):
    """One field of a request that does not fit."""

    path: str
    """JSON Pointer (RFC 6901) of the field, empty for the whole request."""

    message: str
    """What is wrong with it."""


class JavariError(Exception):
    """What failed, on what, why, and what to do next. The parent of every error of Javari."""

    code: ClassVar[str] = "UNEXPECTED"
    """The stable code, the same in every language."""

    message: str
    """One sentence for a person."""

    operation: str
    """The operation that failed, `room.verb`."""

    fields: tuple[FieldFault, ...]
    """The wrong fields of a request."""

    context: dict[str, str]
    """Names and ids that tell one failure from another."""

    retry_after: float | None
    """Seconds to wait before trying again; None when trying again cannot help."""

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        fields: Iterable[FieldFault] = (),
        context: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.fields = tuple(fields)
        self.context = dict(context or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        place = f" at {self.operation}" if self.operation else ""
        pairs = [*self.context.items(), *self.fields]
        details = ", ".join(f"{name}={words}" for name, words in pairs)
        return f"{self.code}{place}: {self.message}" + (f" ({details})" if details else "")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.message, self.__dict__)


def _restore(kind: type[JavariError], message: str, state: dict[str, Any]) -> JavariError:
    error = kind(message)
    error.__dict__.update(state)
    return error
"#;

/// What stands after the classes, but for the list of them.
const TAIL: &str = r#"

def from_value(value: Mapping[str, Any]) -> JavariError:
    """The exception for an error as the native half hands it over."""
    details = value["details"]
    return BY_CODE.get(value["code"], UnexpectedError)(
        value["message"],
        operation=value["operation"],
        fields=[FieldFault(fault["path"], fault["message"]) for fault in details["fields"]],
        context=details["context"],
        retry_after=value["retry_after"],
    )
"#;

pub(super) fn module() -> String {
    let mut module = format!("{NOTE}{HEAD}");
    let mut names = Vec::new();
    for kind in ErrorKind::ALL {
        let name = format!("{}Error", kind.name());
        let _ = write!(
            module,
            "\n\nclass {name}(JavariError):\n{}\n    code = \"{}\"\n",
            text::docstring(&text::sentence(kind.meaning()), 4),
            kind.code(),
        );
        names.push(name);
    }
    let kinds = names.join(",\n        ");
    let _ = write!(
        module,
        "\n\nBY_CODE: dict[str, type[JavariError]] = {{\n    kind.code: kind\n    for kind in (\n        \
         {kinds},\n    )\n}}\n\"\"\"The class of each code.\"\"\"\n{TAIL}",
    );
    names.push("FieldFault".to_owned());
    names.push("JavariError".to_owned());
    names.sort();
    let names: Vec<String> = names.iter().map(|name| text::quoted(name)).collect();
    let _ = write!(module, "\n\n{}\n", text::bracketed("__all__ = [", &names, "]"));
    module
}
