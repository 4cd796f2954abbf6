"""One scheduler leads; another takes over when it falls silent."""

from __future__ import annotations

import threading

from services.scheduler.dispatch import Dispatcher
from services.scheduler.leader import Leadership
from services.scheduler.service import Scheduler
from shared import queues
from shared.database import Database
from shared.jobs import QueueName
from shared.settings import Settings
from tests.shared.ledger.rows import add_feed


def expire(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE leadership SET expires_at = now() - interval '1 second'")


def test_only_one_leads_and_goes_on_leading(database: Database) -> None:
    first, second = Leadership(database, "first"), Leadership(database, "second")
    assert first.hold()
    assert not second.hold()
    assert first.hold()


def test_a_leader_that_slept_beyond_its_lease_is_replaced_and_steps_back(database: Database) -> None:
    first, second = Leadership(database, "first"), Leadership(database, "second")
    first.hold()
    expire(database)
    assert second.hold()
    assert not first.hold()
    first.step_down()
    assert not first.hold(), "only the leader itself can step down"


def test_a_leader_that_steps_down_is_replaced_at_once(database: Database) -> None:
    first, second = Leadership(database, "first"), Leadership(database, "second")
    first.hold()
    first.step_down()
    assert second.hold()


def test_many_that_start_at_once_agree_on_one(database: Database) -> None:
    led: list[str] = []

    def run(name: str) -> None:
        if Leadership(database, name).hold():
            led.append(name)

    threads = [threading.Thread(target=run, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(led) == 1


def test_a_scheduler_leads_issues_and_leaves_its_place(database: Database, settings: Settings) -> None:
    with queues.connect(settings.redis_url or "") as client:
        scheduler = Scheduler(Dispatcher(database, client, settings), Leadership(database, "me"))
        add_feed(database)
        stop = threading.Event()
        thread = threading.Thread(target=scheduler.run, args=(stop,))
        thread.start()
        try:
            for _ in range(200):
                if queues.depths(client)[QueueName.FEEDS]:
                    break
                stop.wait(0.05)
            assert queues.depths(client)[QueueName.FEEDS] == 1
        finally:
            stop.set()
            thread.join(10)
    assert not thread.is_alive()
    assert Leadership(database, "next").hold()
