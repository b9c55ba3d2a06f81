"""Threads of e-mail with contacts, and messages of unknown senders."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.builder import Builder
from demo.generate.customers import Subject
from demo.generate.dice import Weighted
from demo.generate.rows import MessageRow, RecipientRow, Row, ThreadRow
from demo.generate.texts import Text
from demo.generate.words import ascii_word, full_name
from demo.generate.world import Address

LENGTHS = Weighted({1: 5, 2: 4, 3: 2, 4: 1})
STRANGERS = ("rakennuspalvelu-esimerkki", "hoivakoti-esimerkki", "kone-esimerkki", "pohjolan-esimerkki")


class MailMaker:
    """Makes threads; ``share`` is the share of e-mail activities that have their messages too."""

    def __init__(self, builder: Builder, share: float) -> None:
        self.builder, self.world, self.dice, self.share = builder, builder.world, builder.dice, share

    def make(self, subject: Subject, contacts: list[Address], day: int) -> Iterator[Row]:
        """A thread that began on ``day``, each message an activity; or one e-mail activity without its message."""
        people = self.builder.people(subject)
        written = [contact for contact in contacts if contact.email]
        if written and self.dice.chance(self.share):
            yield from self._thread(subject, self.dice.pick(written), people[0], day)
            return
        text = self.builder.writer.write("email", done=True)
        activity, others = self.builder.rows("email", subject, text, day, "done", people, contacts)
        yield activity
        yield from others

    def _thread(self, subject: Subject, contact: Address, user: int, day: int) -> Iterator[Row]:
        writer, dice = self.builder.writer, self.dice
        title, thread = writer.subject(), next(self.world.thread_ids)
        yield ThreadRow(thread, title, self.world.days.moment(day, 8 * 60))
        is_ours = dice.chance(0.55)
        previous: int | None = None
        references: list[str] = []
        minutes = 8 * 60 + dice.number(0, 120)
        for number in range(dice.weighted(LENGTHS)):
            day = day if number == 0 else self.world.days.working_after(day, 1)
            if day >= 0:
                break
            name = f"Vs: {title}" if number else title
            names = (contact.name, self.world.people[user].name)
            to, sender = names if is_ours else names[::-1]
            body = writer.letter(to, sender, is_reply=number > 0, is_ours=is_ours)
            activity, others = self.builder.rows(
                "email", subject, Text(name, "", ""), day, "done", [user], [contact], begin=minutes + 35 * number,
                length=15, follows=previous,
            )  # fmt: skip
            yield activity
            yield from others
            message = self._message(activity.id, thread, is_ours, name, body, activity.start, user, references)
            yield from self._with_people(message, contact, user)
            previous, is_ours = activity.id, not is_ours
            references.append(message.message_id)

    def _message(
        self,
        activity: int | None,
        thread: int,
        is_ours: bool,
        subject: str,
        body: str,
        date: str,
        user: int,
        references: list[str],
    ) -> MessageRow:
        key = next(self.world.message_ids)
        return MessageRow(
            id=key,
            activity_id=activity,
            thread_id=thread,
            direction="out" if is_ours else "in",
            state="sent" if is_ours else "filed" if activity else "inbox",
            message_id=f"demo.{key}@portaali.example",
            in_reply_to=references[-1] if references else "",
            references="{" + ",".join(references) + "}",
            sender="",
            sender_name="",
            subject=subject,
            body=body,
            date=date,
            size=1_200 + len(body),
            user_id=user,
        )

    def _with_people(self, message: MessageRow, contact: Address, user: int) -> Iterator[Row]:
        ours = self.world.people[user]
        sender, to = (ours, contact) if message.direction == "out" else (contact, ours)
        yield message._replace(sender=sender.email, sender_name=sender.name)
        known = contact.id if message.direction == "out" and contact.id else None
        yield RecipientRow(message.id, "to", to.email, to.name, known)

    def strangers(self, users: list[int], domains: list[str]) -> Iterator[Row]:
        """Yield messages that wait in the inbox: some from a known customer's domain, some from nowhere."""
        writer, dice = self.builder.writer, self.dice
        for number, domain in enumerate([*domains, *(f"{name}.example" for name in STRANGERS)]):
            first, last = full_name(dice)
            user, day = users[number % len(users)], self.world.days.working(-1 - number)
            stranger = Address(0, f"{first} {last}", f"{ascii_word(first)}.{ascii_word(last)}@{domain}")
            title, thread = writer.subject(), next(self.world.thread_ids)
            date = self.world.days.moment(day, 9 * 60 + 11 * number)
            body = writer.letter(self.world.people[user].name, stranger.name, is_reply=False, is_ours=False)
            yield ThreadRow(thread, title, date)
            message = self._message(None, thread, False, title, body, date, user, [])
            yield from self._with_people(message, stranger, user)
