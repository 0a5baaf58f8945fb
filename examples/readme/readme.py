# The Python of the project's README, without this line.

from javari import Javari

with Javari.open("javari.db") as javari:
    user = javari.users.ensure(email="you@example.com")
    project = javari.scope(user=user["id"]).projects.ensure(name="quickstart")
    scope = javari.scope(user=user["id"], project=project["id"])

    for step in scope.knowledge.ingest(folder="docs"):
        pass

    for event in scope.knowledge.answer(question="How is a credential sealed?"):
        if event["type"] == "text":
            print(event["delta"], end="")
