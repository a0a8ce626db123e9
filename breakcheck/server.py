"""The language server: findings as diagnostics while typing, fixes as code actions, rules on hover.

Protocol and transport are pygls's; what is said is the linter's, on the editor's text (nothing is written or run).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from breakcheck._version import __version__
from breakcheck.config import load_config
from breakcheck.errors import BreakcheckError
from breakcheck.finding import Applicability, Finding, Severity
from breakcheck.linter import lint
from breakcheck.registry import find_rule
from breakcheck.settings import make_options

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}


class BreakcheckServer(LanguageServer):
    """A server that remembers the findings it published for each open document."""

    def __init__(self) -> None:
        super().__init__("breakcheck", __version__)
        self.published: dict[str, list[Finding]] = {}

    def check(self, uri: str) -> None:
        """Lint a document's current text and publish what is found."""
        document = self.workspace.get_text_document(uri)
        path = Path(unquote(urlparse(uri).path))
        try:
            options = make_options(load_config(path.parent), jobs=1)
            result = lint([path], options, overrides={path: document.source})
        except BreakcheckError as error:
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"breakcheck: {error}"))
            return
        if result.errors:  # half-typed code: keep what was known until it parses again
            return
        self.published[uri] = list(result.findings)
        diagnostics = [_diagnostic(finding, document.lines) for finding in result.findings]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics))


def _position(line: int, column: int, lines: Sequence[str]) -> lsp.Position:
    """A 1-based character position as LSP has it: 0-based, columns in UTF-16 units."""
    text = lines[line - 1] if line <= len(lines) else ""
    return lsp.Position(line - 1, len(text[: column - 1].encode("utf-16-le")) // 2)


def _diagnostic(finding: Finding, lines: Sequence[str]) -> lsp.Diagnostic:
    place = finding.location
    message = finding.message if not finding.suggestion else f"{finding.message}\n{finding.suggestion}"
    return lsp.Diagnostic(
        range=lsp.Range(
            _position(place.line, place.column, lines), _position(place.end_line, place.end_column, lines)
        ),
        message=message,
        severity=_SEVERITY[finding.severity],
        code=finding.code,
        code_description=lsp.CodeDescription(finding.url) if finding.url else None,
        source="breakcheck",
    )


def make_server() -> BreakcheckServer:
    """A server with its handlers, ready to start."""
    server = BreakcheckServer()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: BreakcheckServer, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: BreakcheckServer, params: lsp.DidChangeTextDocumentParams) -> None:
        ls.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: BreakcheckServer, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.published.pop(uri, None)
        ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
    def actions(ls: BreakcheckServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return _actions(ls, params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: BreakcheckServer, params: lsp.HoverParams) -> lsp.Hover | None:
        return _hover(ls, params)

    return server


def _actions(server: BreakcheckServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    uri = params.text_document.uri
    lines = server.workspace.get_text_document(uri).lines
    out = []
    for finding in server.published.get(uri, []):
        fix = finding.fix
        place = finding.location
        touches = place.line - 1 <= params.range.end.line and params.range.start.line <= place.end_line - 1
        if fix is None or not touches:
            continue
        edits = [
            lsp.TextEdit(
                lsp.Range(
                    _position(edit.line, edit.column, lines), _position(edit.end_line, edit.end_column, lines)
                ),
                edit.content,
            )
            for edit in fix.edits
        ]
        safe = fix.applicability is Applicability.SAFE
        out.append(
            lsp.CodeAction(
                title=f"{fix.message} ({finding.code}{'' if safe else ', unsafe'})",
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(finding, lines)],
                is_preferred=safe,
                edit=lsp.WorkspaceEdit(changes={uri: edits}),
            )
        )
    return out


def _hover(server: BreakcheckServer, params: lsp.HoverParams) -> lsp.Hover | None:
    uri = params.text_document.uri
    line = params.position.line + 1
    texts = []
    for finding in server.published.get(uri, []):
        if finding.location.line <= line <= finding.location.end_line:
            loaded = find_rule(finding.code)
            if loaded is not None:
                texts.append(f"**{finding.code} {finding.name}**\n\n{loaded.doc.strip()}")
    if not texts:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(texts)))
