"""
A desk that is open, and everybody but its person: pages of others in the same browser, other users of the machine.
"""

import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from storyreel.desk.links import CHOSEN
from tests.operated import premises
from tests.walk.producer import OpenDesk, Producer
from tests.walk.strangers import NAMES, attacked, bait, foreign_page, hosts, new_page, standing

pytestmark = [pytest.mark.journey, pytest.mark.long]

V2 = ("dashboard", "runs", "flows", "deployments", "work-pools", "blocks", "blocks/catalog", "variables", "automations")
V2 += ("automations/create", "events", "concurrency-limits", "artifacts", "settings", "work-pools/create")
V1 = ("dashboard", "runs", "flows", "deployments", "work-pools", "blocks", "variables", "automations", "events")
V1 += ("concurrency-limits", "artifacts", "settings")


@pytest.fixture(scope="module")
def foreign() -> Iterator[int]:
    """Serve a page of somebody else's."""
    with foreign_page() as port:
        yield port


@pytest.fixture(scope="module")
def context(producer: Producer) -> BrowserContext:
    """Return the browser of the person at the desk, who has been let in."""
    return producer.page.context


def log(desk: OpenDesk) -> str:
    return (desk.folder / "data/storyreel/studio/server.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_somebody_else_can_do_nothing_at_the_desk(
    producer: Producer, context: BrowserContext, foreign: int, name: str
):
    """
    Every request and every WebSocket of it is refused, under both names of the desk, with the person's cookie in the same
    browser; nothing is there afterwards that was not before.
    """
    desk = producer.desk
    deployment = bait(producer.api)
    before, refused = standing(producer.api), log(desk).count("refused (foreign ")
    page, heard = new_page(context)
    servers = (f"http://127.0.0.1:{desk.port}", desk.page)
    results = {
        server: attacked(page, f"http://{name}:{foreign}/", server, deployment, "v2/favicon.ico") for server in servers
    }
    page.close()

    assert before == standing(producer.api)
    for said in results.values():
        assert {"refused"} == {got for what, got in said.items() if what.startswith("socket")}
        assert 8 == sum(what.startswith("socket") for what in said)
        assert {"refused"} == {
            said[what].split(":")[0] for what in ("json", "delete", "read", "image", "script", "video")
        }
    assert {403} == {status for _, _, status in heard.of(*servers)}
    # The browser itself tells nobody of all that it was refused; the server's log has each of them.
    assert 40 <= log(desk).count("refused (foreign ") - refused


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_somebody_else_can_see_no_film(producer: Producer, context: BrowserContext, foreign: int, name: str):
    """
    The page of the films is guarded in the same way, by the same cookie.
    """
    desk = producer.desk
    page, heard = new_page(context)
    servers = (f"http://127.0.0.1:{desk.films_port}", desk.films)
    for server in servers:
        said = attacked(page, f"http://{name}:{foreign}/", server, "none", "")
        assert {"refused"} == {said[what].split(":")[0] for what in ("json", "read", "image", "script", "video")}
    page.close()

    assert {403} == {status for _, _, status in heard.of(*servers)}


def test_the_same_page_has_its_way_with_a_server_that_nobody_guards(
    browser_page: Page, foreign: int, tmp_path_factory: pytest.TempPathFactory
):
    """
    What the guard refuses is no idle talk: at Prefect's own server the page starts runs and opens every WebSocket.
    """
    page, _ = new_page(browser_page.context)
    with (
        premises.prefect_server(tmp_path_factory.mktemp("open") / "server") as address,
        httpx.Client(base_url=f"{address}/", trust_env=False, timeout=30) as api,
    ):
        deployment = bait(api)
        before = standing(api)
        server = address.removesuffix("/api")
        said = attacked(page, f"http://evil.test:{foreign}/", server, deployment, "v2/favicon.ico")
        after = standing(api)
    page.close()

    assert 3 <= after["flow_runs"] - before["flow_runs"]
    assert 1 == after["work_pools"] - before["work_pools"]
    assert {"open"} == {got for what, got in said.items() if what.startswith("socket")}


def test_a_name_that_somebody_gives_to_this_machine_is_not_the_desks(producer: Producer, context: BrowserContext):
    """
    Asked under another name the desk shows nothing, whatever the browser has.
    """
    page, _ = new_page(context)
    statuses = {}
    for name in ("rebind.test", "localhost", "localhost.", "x.localhost", "127.0.0.1"):
        for port in (producer.desk.port, producer.desk.films_port):
            answer = page.goto(f"http://{name}:{port}/")
            assert answer is not None
            statuses[name, port] = answer.status
    told = page.inner_text("body")
    page.close()

    assert {403} == set(statuses.values())
    assert 10 == len(statuses)
    assert "storyreel studio --open" in told


def test_a_link_from_elsewhere_says_how_to_get_in(producer: Producer, context: BrowserContext, foreign: int):
    """
    The cookie does not come along with it; the page that is shown instead names the command.
    """
    page, _ = new_page(context)
    page.goto(f"http://evil.test:{foreign}/")
    with page.expect_navigation():
        page.evaluate("url => { location = url }", f"{producer.desk.page}/")
    told = page.inner_text("body")
    page.screenshot(path=str(producer.folder / "refused.png"))
    page.goto(f"{producer.desk.page}/")
    page.get_by_text("Dashboard").first.wait_for()
    opened = page.inner_text("body")
    page.close()

    assert "storyreel studio --open" in told
    assert "storyreel studio --open" not in opened
    assert "Dashboard" in opened


def test_the_cookie_goes_to_no_other_server_of_this_machine(producer: Producer, context: BrowserContext):
    """
    Whoever serves something on another port sees nothing of it, under each name that leads there.
    """
    seen: list[str] = []
    page, _ = new_page(context)
    with socket.create_server(("127.0.0.1", 0)) as spy:
        port = spy.getsockname()[1]
        spy.settimeout(20)
        for name in ("127.0.0.1", "localhost", "other.localhost"):
            page.goto("about:blank")
            page.evaluate(
                "url => { fetch(url, {mode: 'no-cors', credentials: 'include'}).catch(() => 0) }",
                f"http://{name}:{port}/",
            )
            line, _ = spy.accept()
            with line:
                seen.append(line.recv(10_000).decode("latin-1"))
                line.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    page.close()

    assert 3 == len(seen)
    assert not any("storyreel-" in text for text in seen)


def test_a_ticket_is_good_for_one_browser(producer: Producer):
    """
    Opened a second time, in another browser, it lets nobody in; the first one stays in, also at the films.
    """
    browser = producer.page.context.browser
    assert browser is not None
    ticket = producer.desk.ticket()
    statuses = []
    one, two = browser.new_context(), browser.new_context()
    for context in (one, two):
        page = context.new_page()
        answer = page.goto(ticket)
        assert answer is not None
        statuses.append(answer.status)
        assert "ticket" not in page.url or answer.status == 403
    page = one.new_page()
    films = page.goto(producer.desk.films)
    assert films is not None
    cookies = one.cookies(producer.desk.page)
    one.close()
    two.close()

    assert [200, 403] == statuses
    assert 200 == films.status
    assert [(True, "Strict")] == [
        (it["httpOnly"], it["sameSite"]) for it in cookies if it["name"].startswith("storyreel-")
    ]
    assert ticket.split("ticket=")[1] not in log(producer.desk)


def test_a_ticket_from_a_file_opens_the_page(producer: Producer, tmp_path: Path):
    """
    A browser is sent through a file, since a command line can be read by everybody; the page is there all the same.
    """
    browser = producer.page.context.browser
    assert browser is not None
    ticket = producer.desk.ticket()
    file = tmp_path / "open.html"
    file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0;url={ticket}">')
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    page.get_by_text("Dashboard").first.wait_for(timeout=60_000)
    told = page.inner_text("body")
    context.close()

    assert "Dashboard" in told


@pytest.mark.parametrize(("face", "paths"), [("/v2", V2), ("", V1)], ids=["v2", "v1"])
def test_every_page_of_prefect_works_behind_the_guard(
    producer: Producer, context: BrowserContext, face: str, paths: tuple[str, ...]
):
    """
    No request of its own is refused, and nobody but this machine is asked for anything, its analytics included.
    """
    page, heard = new_page(context)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request))
    page.on("websocket", lambda opened: sent.append(opened))
    context.add_cookies([{"name": CHOSEN, "value": face.strip("/") or "v1", "url": producer.desk.page}])
    for path in paths:
        page.goto(f"{producer.desk.page}{face}/{path}")
        page.wait_for_function("(document.querySelector('main') || document.body).innerText.trim().length > 8")
        page.wait_for_load_state("networkidle")
        if path in ("dashboard", "deployments", "automations"):
            page.screenshot(path=str(producer.folder / f"page{face.replace('/', '-')}-{path}.png"))
    opened = page.url
    page.close()
    context.clear_cookies(name=CHOSEN)

    assert [] == [each for each in heard.answers if each[2] >= 400]
    # What the page's own policy holds back (logos of blocks, analytics) has not left the browser.
    left = [each for each in sent if getattr(each, "failure", None) != "csp"]
    assert {producer.desk.secret.browser_name} == hosts(left)
    assert f"{producer.desk.page}{face}/{paths[-1]}" == opened.partition("?")[0]
    assert 3 * len(paths) < len(heard.answers)


def test_a_link_of_prefects_own_opens_the_face_that_the_desk_opens_with(producer: Producer, context: BrowserContext):
    """
    Its commands print links without `/v2`: they lead to the page that a person knows, at the same place.
    """
    page, _ = new_page(context)
    page.goto(f"{producer.desk.page}/work-pools?of=link")
    page.get_by_text("studio", exact=True).first.wait_for()
    opened = page.url
    page.close()

    assert opened.startswith(f"{producer.desk.page}/v2/work-pools?")


def test_a_person_makes_an_automation_on_their_page(producer: Producer, context: BrowserContext):
    """
    What Prefect can do stays the person's to use: the page writes with its cookie.
    """
    page, _ = new_page(context)
    page.goto(f"{producer.desk.page}/v2/automations")
    deployment = producer.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
    automation = {
        "name": "mine",
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "expect": ["prefect.flow-run.Failed"],
            "threshold": 1,
            "within": 0,
        },
        "actions": [{"type": "run-deployment", "source": "selected", "deployment_id": deployment}],
    }
    made = page.evaluate(
        """async body => {
            const answer = await fetch("/api/automations/", {
                method: "POST", headers: {"Content-Type": "application/json"}, body,
            });
            return [answer.status, await answer.json()];
        }""",
        json.dumps(automation),
    )
    page.reload()
    page.get_by_text("mine", exact=True).first.wait_for()
    page.close()
    removed = producer.api.delete(f"automations/{made[1]['id']}")

    assert 201 == made[0]
    assert removed.is_success


def test_other_users_of_the_machine_are_strangers(open_desk: OpenDesk):
    """
    They get 403, and can read neither the secret, nor the note, nor the database.
    """
    studio = open_desk.folder / "data/storyreel/studio"
    files = [studio / name for name in ("secret", "desk.json", "prefect.db", "server.log")]
    files.append(open_desk.folder / "data/storyreel/desk.json")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            told: dict[str, Any] = {"read": [], "asked": []}
            for file in files:
                try:
                    file.read_bytes()
                    told["read"].append(file.name)
                except OSError:
                    pass
            for port in (open_desk.port, open_desk.films_port):
                for method in ("GET", "POST"):
                    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
                        words = (
                            f"{method} /api/work_pools/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"
                        )
                        line.sendall(words.encode())
                        told["asked"].append(int(line.recv(1000).split()[1]))
            os.write(writing, json.dumps(told).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        told = json.loads(said.read())
    os.waitpid(child, 0)
    mine = os.geteuid() != 0

    assert [403] * 4 == told["asked"]
    assert mine or [] == told["read"]
    assert 0o700 == stat.S_IMODE(studio.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in files}


def test_the_server_holds_no_key_and_no_command_line_tells_the_secret(open_desk: OpenDesk):
    """
    What the person has in their environment stays with the worker; what lets one in is in no list of processes.
    """
    server = next(
        entry
        for entry in Path("/proc").glob("[0-9]*")
        if _read(entry / "cmdline").find(b"storyreel.desk.server") > 0
        and str(open_desk.folder).encode() in _read(entry / "environ")
    )
    lines = b"".join(_read(entry / "cmdline") for entry in Path("/proc").glob("[0-9]*"))
    surroundings = _read(server / "environ")

    assert b"not-to-be-seen" not in surroundings
    assert b"XAI_API_KEY" not in surroundings
    assert b"AWS_" not in surroundings
    assert open_desk.secret.text.encode() not in lines + surroundings
    assert open_desk.secret.basic.encode() not in lines


def test_a_whole_run_is_refused_nothing(producer: Producer):
    """
    Server, worker, deploying, the run's own process and its WebSockets: all of them show the secret.
    """
    before = log(producer.desk).count("refused (")
    board = producer.write(
        "let-in", "title: In\ndefaults: {duration: 1, resolution: 480p}\nscenes: [{id: a, prompt: A door.}]\n"
    )
    deployment = producer.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
    run = producer.api.post(
        f"deployments/{deployment}/create_flow_run", json={"parameters": {"storyboard": str(board), "sandbox": True}}
    ).json()["id"]
    done = producer.ended(run)
    time.sleep(2)

    assert "COMPLETED" == done["state_type"], done["state"]["message"]
    assert before == log(producer.desk).count("refused (")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
