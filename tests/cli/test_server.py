"""The language server, spoken to as an editor does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp

pygls_client = pytest.importorskip("pygls.lsp.client")

BAD = "import torch\n\n\nclass M(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n        return x / x.max().item()\n"


async def converse(path: Path) -> tuple[list[lsp.Diagnostic], str, list[lsp.Diagnostic]]:
    """(diagnostics on opening, hover text, diagnostics after the line is mended)."""
    client = pygls_client.LanguageClient("test", "1")
    published: asyncio.Queue[list[lsp.Diagnostic]] = asyncio.Queue()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def receive(params: lsp.PublishDiagnosticsParams) -> None:
        published.put_nowait(list(params.diagnostics))

    await client.start_io(sys.executable, "-m", "breakcheck", "server")
    try:
        await client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=path.parent.as_uri())
        )
        client.initialized(lsp.InitializedParams())
        item = lsp.TextDocumentItem(path.as_uri(), "python", 1, BAD)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        first = await asyncio.wait_for(published.get(), 60)
        hover = await client.text_document_hover_async(
            lsp.HoverParams(lsp.TextDocumentIdentifier(path.as_uri()), lsp.Position(5, 20))
        )
        change = lsp.TextDocumentContentChangeWholeDocument(BAD.replace(".item()", ""))
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(2, path.as_uri()), [change])
        )
        last = await asyncio.wait_for(published.get(), 60)
        assert hover is not None
        assert isinstance(hover.contents, lsp.MarkupContent)
        text = hover.contents.value
        await client.shutdown_async(None)
        client.exit(None)
        return first, text, last
    finally:
        await client.stop()


def test_an_editor_sees_findings_come_and_go(tmp_path: Path) -> None:
    first, hover, last = asyncio.run(converse(tmp_path / "model.py"))
    assert [(d.code, d.range.start.line, d.range.start.character) for d in first] == [("BC101", 5, 19)]
    assert "BC101 tensor-item" in hover
    assert last == []
