"""Asks your own documents: opens one file, reads a folder, answers with citations."""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

from javari import Javari, NotFoundError

DOCS = str(Path(__file__).resolve().parents[2] / "docs")
QUESTION = "How is a credential sealed in the vault?"


def main() -> None:
    started = time.monotonic()
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    folder = words[0] if words else DOCS
    question = words[1] if len(words) > 1 else QUESTION

    with Javari.open("javari.db") as javari:
        for notice in javari.system.version()["notices"]:
            print("note:", notice)
        user = javari.users.ensure(email="you@example.com")
        project = javari.scope(user=user["id"]).projects.ensure(name=f"quickstart {folder}")
        scope = javari.scope(user=user["id"], project=project["id"])

        try:
            scope.vault.get(name="EXAMPLE_TOKEN")
        except NotFoundError:
            scope.vault.put(name="EXAMPLE_TOKEN", value="not-a-real-token")

        total = done = chunks_added = 0
        for event in scope.knowledge.ingest(folder=folder):
            if event["type"] == "found":
                total = event["documents"]
            elif event["type"] == "failed":
                print(f"not read: {event['path']} ({event['reason']})")
            elif event["type"] == "finished":
                chunks_added = event["report"]["chunks"]
                print(f"{event['report']['found']} of {total} documents read, {chunks_added} chunks added")
            else:
                done += 1
                print(f"\r{done}/{total} ", end="", flush=True)

        print(f"\n{question}\n")
        reply = None
        for event in scope.knowledge.answer(question=question):
            if event["type"] == "text":
                print(event["delta"], end="", flush=True)
            elif event["type"] == "finished":
                reply = event["reply"]
        print()
        assert reply is not None, "the answer did not end"
        for citation in reply["citations"]:
            print(f"[{citation['number']}] {citation['path']}:{citation['start']}-{citation['end']}")

        stats = scope.knowledge.stats()
        verified = scope.audit.verify()["verified"]
        cost = str(Decimal(reply["cost"] or "0"))
        print(f"\nprovider {reply['provider'] or 'none'}, cost {cost} USD, audit verified: {verified}")
        if "--json" in sys.argv:
            keys = ("path", "start", "end", "score")
            summary = {
                "answer": reply["answer"],
                "provider": reply["provider"],
                "citations": [{key: found[key] for key in keys} for found in reply["citations"]],
                "documents": stats["documents"],
                "chunks_added": chunks_added,
                "chunks_total": stats["chunks"],
                "cost_usd": cost,
                "audit_verified": verified,
                "elapsed_ms": round((time.monotonic() - started) * 1000),
            }
            print(json.dumps(summary))


if __name__ == "__main__":
    main()
