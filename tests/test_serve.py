"""The service: what it reads, what it answers, and what it refuses."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from bitocr import Reader
from bitocr.serve.filtering import text_of, without_unsure
from serve_client import DATA, LINE, PAGE, TEXT, client, encoded, pages_of

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service() -> Iterator[TestClient]:
    with client() as opened:
        yield opened


def as_json(**values: Any) -> dict[str, Any]:
    return {"json": {"image": base64.b64encode(LINE).decode(), **values}}


@pytest.mark.parametrize(
    "sent",
    [
        {"content": LINE, "headers": {"Content-Type": "image/png"}},
        {"content": LINE},
        {"content": LINE, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"files": {"file": ("bank.png", LINE)}},
        {"files": {"anything": ("bank.png", LINE)}, "data": {"min_confidence": "0.1"}},
        as_json(),
        {"json": {"image": "data:image/png;base64," + base64.b64encode(LINE).decode()}},
    ],
    ids=["image", "no type", "curl", "form", "form with a field", "json", "data URL"],
)
def test_a_line_is_read_however_it_is_sent(service: TestClient, sent: dict[str, Any]) -> None:
    answer = service.post("/v1/ocr?line=1", **sent)
    assert answer.status_code == 200, answer.text
    [line] = answer.json()["lines"]
    assert line["text"] == TEXT
    expected = Reader().read_line(LINE)
    assert [char["char"] for char in line["chars"]] == [char.char for char in expected.chars]
    assert line["confidence"] == round(expected.confidence, 4)


def test_a_page_is_read_as_the_reader_does(service: TestClient) -> None:
    [page] = service.post("/v1/ocr", content=PAGE).json()["pages"]
    assert page == {"page": 1, **Reader().read(PAGE).as_dict()}
    assert service.post("/v1/ocr?format=text", content=PAGE).text == page["text"] + "\n"


@pytest.mark.parametrize("sent", [as_json(line=True, model="english-tiny"), as_json(line="1", model="english-tiny")])
def test_parameters_may_stand_in_json(service: TestClient, sent: dict[str, Any]) -> None:
    assert service.post("/v1/ocr", **sent).json()["lines"][0]["text"]


def test_parameters_reach_the_reader(service: TestClient) -> None:
    def text(query: str) -> str:
        return service.post(f"/v1/ocr?line=1&format=text&{query}", content=LINE).text.strip()

    assert text("allow=AGRICULTRBNKOFHX%20") == Reader().read_line(LINE, allow="AGRICULTRBNKOFHX ").text
    assert text("pattern=D%2B") == Reader().read_line(LINE, pattern="D+").text != TEXT
    assert text("words=AGRICULTURAL%20CHINA") == TEXT
    assert text("min_confidence=1") == ""
    assert text("model=english-tiny") == Reader("english-tiny").read_line(LINE).text


LIMITS = [{"allow": "0-9.$ "}, {"pattern": "D+"}, {"check": "luhn"}, {"allow": "0-9", "pattern": "DDD"}]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_each_line_of_a_page_keeps_to_its_limits(service: TestClient, limits: dict[str, str]) -> None:
    [page] = service.post("/v1/ocr", content=PAGE, params=limits).json()["pages"]
    expected = Reader().read(PAGE, **limits)  # type: ignore[arg-type]
    assert page["text"] == expected.text != Reader().read(PAGE).text
    assert page["confidence"] == expected.as_dict()["confidence"]


def test_pages_are_chosen(service: TestClient) -> None:
    three = pages_of(LINE, encoded(), LINE)

    def pages(query: str) -> list[int]:
        return [line["page"] for line in service.post(f"/v1/ocr?line=1{query}", content=three).json()["lines"]]

    assert pages("") == [1, 2, 3]
    assert pages("&pages=2-") == [2, 3]
    assert pages("&pages=3,1-1") == [1, 3]
    answer = service.post("/v1/ocr?pages=4-9", content=three)
    assert (answer.status_code, answer.json()) == (400, {"error": "pages=4-9: the file has no such page"})


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_the_page_that_was_asked_for_is_shown(service: TestClient, kind: str) -> None:
    two = pages_of(encoded((50, 20)), LINE)
    width, height = Image.open(io.BytesIO(LINE)).size
    answer = service.post(f"/v1/ocr?pages=2&format={kind}", content=two)
    assert answer.headers["content-type"] == f"image/{kind}"
    assert Image.open(io.BytesIO(answer.content)).size == (2 * width, height)
    answer = service.post(f"/v1/ocr?format={kind}", content=two)
    assert (answer.status_code, "2 pages, and a picture shows one" in answer.json()["error"]) == (422, True)


def test_unsure_lines_are_left_out() -> None:
    for path in sorted((DATA / "pages").glob("*.gif")):
        page = Reader().read(path)
        assert text_of(page.lines) == page.text
        between = (min(line.confidence for line in page.lines) + max(line.confidence for line in page.lines)) / 2
        rest = without_unsure(page, between)
        assert rest.lines == [line for line in page.lines if line.confidence >= between] != page.lines
        assert rest.text == text_of(rest.lines)


def test_unsure_lines_are_left_out_of_answers(service: TestClient) -> None:
    [page] = service.post("/v1/ocr?min_confidence=1", content=PAGE).json()["pages"]
    assert (page["text"], page["blocks"]) == ("", [])


def test_a_batch_answers_line_by_line(service: TestClient) -> None:
    files = [("file", (f"{i}.png", data)) for i, data in enumerate([LINE, b"no picture", pages_of(LINE, LINE), b""])]
    answer = service.post("/v1/batch", files=files, data={"line": "1"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["file"], line["name"], line.get("page")) for line in lines] == [
        (1, "0.png", 1), (2, "1.png", None), (3, "2.png", 1), (3, "2.png", 2), (4, "3.png", None),
    ]  # fmt: skip
    assert [line.get("text") for line in lines] == [TEXT, None, TEXT, TEXT, None]
    assert lines[1]["error"] == "not an image in a format that bitocr reads"


def test_a_batch_in_json(service: TestClient) -> None:
    images = [base64.b64encode(LINE).decode()] * 5
    lines = service.post("/v1/batch", json={"images": images, "line": True}).text.splitlines()
    assert [json.loads(line)["text"] for line in lines] == [TEXT] * 5


def test_health_models_and_metrics(service: TestClient) -> None:
    assert service.get("/health/live").json()["status"] == "live"
    assert service.get("/health/ready").json()["status"] == "ready"
    models = service.get("/v1/models").json()["models"]
    assert [(model["name"], model["default"]) for model in models] == [("english", True), ("english-tiny", False)]
    service.post("/v1/ocr?line=1", content=LINE)
    text = service.get("/metrics").text
    assert 'bitocr_requests_total{path="/v1/ocr",status="200"}' in text
    assert "bitocr_places_taken 0\n" in text
    assert "bitocr_pixels_in_flight 0\n" in text
    assert "bitocr_bytes_held 0\n" in text


def test_the_form_may_talk_to_its_own_host_alone(service: TestClient) -> None:
    answer = service.get("/form")
    assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("token", [None, "", "wrong", "secret "])
def test_without_the_token_nothing_is_read(token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}x"}
    with client(token="secret") as service:
        for answer in (
            service.post("/v1/ocr", content=LINE, headers=headers),
            service.get("/metrics", headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert service.get("/health/live").status_code == 200
        right = {"Authorization": "Bearer secret"}
        assert service.post("/v1/ocr?line=1", content=LINE, headers=right).status_code == 200


def test_every_picture_format_is_read_alike(service: TestClient) -> None:
    picture = Image.open(io.BytesIO(LINE)).convert("RGB")
    for kind, options in {"BMP": {}, "TIFF": {}, "PPM": {}, "WEBP": {"lossless": True}, "PNG": {}}.items():
        file = io.BytesIO()
        picture.save(file, kind, **options)
        assert service.post("/v1/ocr?line=1&format=text", content=file.getvalue()).text == TEXT + "\n", kind


def test_what_is_in_the_data_folder_never_fails(service: TestClient) -> None:
    for path in sorted((DATA / "hostile").iterdir()):
        answer = service.post("/v1/ocr", content=path.read_bytes())
        assert answer.status_code in (400, 422), path
        assert "\n" not in answer.json()["error"]
