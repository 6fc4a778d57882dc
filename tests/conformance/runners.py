"""A sound runner, and runners with one fault each: the kit has to find every one of them."""

import itertools

from app.hookspecs import Deployed, GaveUp, Piece, Progress, Removed, Wrote


class ReferenceRunner:
    """Writes a greeting, and publishes on a host of its own."""

    key, title, generates, deploys = "greeter", "Greeting", True, True

    def __init__(self, word="Hello"):
        self.word, self.is_away = word, False

    def not_ready(self):
        """Ask for a word."""
        return None if self.word else "Set the word that it greets with."

    def generate(self, task):
        """Greet."""
        if not self.word:
            yield GaveUp("No word is set.")
            return
        if self.is_away:
            yield GaveUp("Its printer is out of reach.")
            return
        yield Progress("Greeting")
        if task.cancelled():
            return
        yield Piece(self.word)
        if not task.cancelled():
            yield Wrote("index.html", f"{self.word}, {task.prompt}".encode())

    def deploy(self, task):
        """Publish, always at the same place."""
        if not task.files:
            return GaveUp("There is nothing to publish.")
        return Deployed(f"https://{task.app.replace('_', '-')}.example.com/")


class Bench:
    """The runner, without anybody else."""

    prompt = "world"

    def __init__(self, kind=ReferenceRunner):
        self.runner, self.unready = kind(), kind("")

    def go_away(self):
        """Let the printer be out of reach."""
        self.runner.is_away = True
        return True


class HasABadKey(ReferenceRunner):
    """Its key is no key."""

    key = "The Greeter"


class DoesNothing(ReferenceRunner):
    """Says that it neither generates nor deploys."""

    generates = deploys = False


class IsAlwaysReady(ReferenceRunner):
    """Says that it is ready when nothing is set."""

    def not_ready(self):
        return None


class SaysNothingOfUse(ReferenceRunner):
    """Names no reason."""

    def not_ready(self):
        return None if self.word else "error"


class WritesText(ReferenceRunner):
    """Gives text where bytes are due."""

    def generate(self, task):
        yield Wrote("index.html", "text")


class WritesOutside(ReferenceRunner):
    """Leaves the app's folder."""

    def generate(self, task):
        yield Wrote("../index.html", b"")


class WritesNothing(ReferenceRunner):
    """Ends well without a file."""

    def generate(self, task):
        yield Progress("Done")


class AnswersDicts(ReferenceRunner):
    """Invents steps."""

    def generate(self, task):
        yield {"path": "index.html"}


class NeverEnds(ReferenceRunner):
    """Says something for ever."""

    def generate(self, task):
        yield from itertools.repeat(Piece("x"))


class GoesOnAfterGivingUp(ReferenceRunner):
    """Gives up and writes."""

    def generate(self, task):
        yield GaveUp("It can't be done.")
        yield Wrote("index.html", b"")


class ChangesTheTask(ReferenceRunner):
    """Writes into what it was given."""

    def generate(self, task):
        task.files["index.html"] = b"mine"
        yield from super().generate(task)


class RemovesWhatIsNotThere(ReferenceRunner):
    """Deletes at random."""

    def generate(self, task):
        yield Removed("nowhere.html")
        yield from super().generate(task)


class RemembersTasks(ReferenceRunner):
    """Gives the files of one task to the next."""

    def __init__(self, word="Hello"):
        super().__init__(word)
        self.count = 0

    def generate(self, task):
        yield from super().generate(task)
        self.count += 1
        if not task.cancelled() and self.word and not self.is_away:
            yield Wrote(f"page{self.count}.html", b"")


class GoesOnWhenCancelled(ReferenceRunner):
    """Doesn't look."""

    def generate(self, task):
        if not self.word or self.is_away:
            yield from super().generate(task)
            return
        yield from (Piece("x") for _ in range(500))
        yield Wrote("index.html", b"")


class RaisesAtBraces(ReferenceRunner):
    """Formats the prompt."""

    def generate(self, task):
        task.prompt.format()
        yield from super().generate(task)


class RaisesWhenAway(ReferenceRunner):
    """Lets the world's faults through."""

    def generate(self, task):
        if self.is_away:
            raise OSError("no route")
        yield from super().generate(task)


class DeploysNowhere(ReferenceRunner):
    """Gives neither address nor site."""

    def deploy(self, task):
        return Deployed()


class DeploysUnsafely(ReferenceRunner):
    """Publishes without TLS."""

    def deploy(self, task):
        return Deployed("http://shop.example.com/")


class DeploysAnew(ReferenceRunner):
    """Publishes at another place each time."""

    count = itertools.count()

    def deploy(self, task):
        if not task.files:
            return super().deploy(task)
        return Deployed(f"https://shop-{next(self.count)}.example.com/")


class DeploysNothing(ReferenceRunner):
    """Publishes an empty app."""

    def deploy(self, task):
        return Deployed("https://shop.example.com/")


class RefusesInSilence(ReferenceRunner):
    """Says that it doesn't deploy, and then does."""

    deploys = False


FOUND_BY = {
    HasABadKey: "test_it_names_itself",
    DoesNothing: "test_it_says_what_it_does",
    IsAlwaysReady: "test_it_says_what_must_be_set",
    SaysNothingOfUse: "test_it_says_what_must_be_set",
    WritesText: "test_it_generates_files_or_says_that_it_does_not",
    WritesOutside: "test_it_generates_files_or_says_that_it_does_not",
    WritesNothing: "test_it_generates_files_or_says_that_it_does_not",
    AnswersDicts: "test_it_generates_files_or_says_that_it_does_not",
    NeverEnds: "test_it_generates_files_or_says_that_it_does_not",
    GoesOnAfterGivingUp: "test_it_generates_files_or_says_that_it_does_not",
    ChangesTheTask: "test_it_refines_what_is_there",
    RemovesWhatIsNotThere: "test_it_refines_what_is_there",
    RemembersTasks: "test_it_keeps_nothing_of_a_task",
    GoesOnWhenCancelled: "test_it_stops_when_nobody_waits",
    RaisesAtBraces: "test_a_rough_prompt_raises_nothing",
    RaisesWhenAway: "test_a_world_that_is_away_is_said_in_a_sentence",
    DeploysNowhere: "test_it_deploys_or_says_that_it_does_not",
    DeploysUnsafely: "test_it_deploys_or_says_that_it_does_not",
    DeploysAnew: "test_a_deployment_that_comes_again_changes_nothing_more",
    DeploysNothing: "test_nothing_to_deploy_is_said_in_a_sentence",
    RefusesInSilence: "test_it_deploys_or_says_that_it_does_not",
}
