"""The description of the service, /openapi.json, as OpenAPI 3.1 has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bitocr import __version__
from bitocr.serve.parameters import LONGEST, LONGEST_IN_URL, PARAMETERS, Parameter
from bitocr.serve.schemas import SCHEMAS, ref
from bitocr.serve.settings import MAX_BATCH_FILES, Settings

_BAD = {
    400: "A wrong parameter, a broken form, or no picture.",
    401: "The token is missing or wrong.",
    408: "The body took too long to arrive.",
    413: "Too many bytes, pixels, pages or files.",
    415: "A Content-Type that is not read here.",
    422: "A picture that cannot be read.",
    503: "Too many requests at once: try again after the seconds of Retry-After.",
}
_ABOUT = (
    "Reads the text in pictures. Errors are JSON with one line. A picture may have {pixels:,} pixels, a request "
    "{bytes:,} bytes, a document {pages} pages."
)


def document(settings: Settings, formats: Mapping[str, Any], models: Mapping[str, Any]) -> dict[str, Any]:
    """All paths, with the formats and models that there are."""
    choices = {"format": list(formats), "model": list(models)}
    limits = {"pixels": settings.max_pixels, "bytes": settings.max_body, "pages": settings.max_pages}
    security: dict[str, Any] = {} if settings.token is None else {"security": [{"token": []}]}
    schemes: dict[str, Any] = (
        {} if settings.token is None else {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "bitocr", "version": __version__, "description": _ABOUT.format(**limits)},
        "paths": {
            "/v1/ocr": {"post": {**_ocr(choices, formats), **security}},
            "/v1/batch": {"post": {**_batch(choices), **security}},
            "/v1/models": {"get": {**_get("The models that a request may name.", ref("Models"), True), **security}},
            "/metrics": {"get": {**_get("Counts, as Prometheus reads them.", None, False, "text/plain"), **security}},
            "/health/live": {"get": _get("The process runs.", ref("Health"), False)},
            "/health/ready": {"get": _get("The first model is loaded.", ref("Health"), True)},
            "/openapi.json": {"get": _get("This document.", {"type": "object"}, False)},
            "/": {"get": _get("The page that reads in the browser, or the form.", None, False, "text/html")},
            "/form": {"get": _get("A form to try it with.", None, False, "text/html")},
        },
        "components": {"schemas": SCHEMAS, **schemes},
    }


def _ocr(choices: dict[str, list[str]], formats: Mapping[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {each.media_type.partition(";")[0]: {} for each in formats.values()}
    answers["application/json"] = {"schema": ref("Reading")}
    image = {"image": {"type": "string", "description": "Base64, or a data URL."}}
    return {
        "summary": "Reads one picture or document.",
        "operationId": "ocr",
        "parameters": [_in_query(parameter, choices) for parameter in PARAMETERS],
        "requestBody": _body(choices, {"file": {"type": "string", "format": "binary"}}, image, is_raw=True),
        "responses": {"200": {"description": "What was read.", "content": answers}, **_errors(*_BAD)},
    }


def _batch(choices: dict[str, list[str]]) -> dict[str, Any]:
    of = {"format": ["json"], "model": choices["model"]}
    several = {"type": "array", "minItems": 1, "maxItems": MAX_BATCH_FILES}
    files = {"file": {**several, "items": {"type": "string", "format": "binary"}}}
    images = {"images": {**several, "items": {"type": "string", "description": "Base64, or a data URL."}}}
    content = {"application/x-ndjson": {"schema": {"type": "string", "description": "A BatchLine on each line."}}}
    return {
        "summary": "Reads many files: a line of JSON for each page as it is read, or for a file's error.",
        "operationId": "batch",
        "parameters": [_in_query(parameter, of) for parameter in PARAMETERS],
        "requestBody": _body(of, files, images, is_raw=False),
        "responses": {"200": {"description": "What was read.", "content": content}, **_errors(*_BAD)},
    }


def _in_query(parameter: Parameter, choices: Mapping[str, list[str]]) -> dict[str, Any]:
    schema = _schema(parameter, choices)
    if "maxLength" in schema:
        schema["maxLength"] = min(schema["maxLength"], LONGEST_IN_URL)
    return {"name": parameter.name, "in": "query", "description": parameter.help, "schema": schema}


def _schema(parameter: Parameter, choices: Mapping[str, list[str]]) -> dict[str, Any]:
    if parameter.name in choices:
        return {"type": "string", "enum": choices[parameter.name], "default": choices[parameter.name][0]}
    limit = {"maxLength": LONGEST[parameter.name]} if parameter.schema["type"] == "string" else {}
    return {**parameter.schema, **limit}


def _body(
    choices: Mapping[str, list[str]], of_form: dict[str, Any], of_json: dict[str, Any], is_raw: bool
) -> dict[str, Any]:
    """What a request may hold; the parameters may stand in a form or in JSON, too."""
    fields = {parameter.name: _schema(parameter, choices) for parameter in PARAMETERS}

    def shape(files: dict[str, Any]) -> dict[str, Any]:
        properties = {**files, **fields}
        return {"type": "object", "properties": properties, "required": list(files), "additionalProperties": False}

    binary = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    content: dict[str, Any] = {"image/*": binary, "application/octet-stream": binary} if is_raw else {}
    content["multipart/form-data"] = {"schema": shape(of_form)}
    content["application/json"] = {"schema": shape(of_json)}
    return {"required": True, "content": content}


def _get(
    about: str, schema: dict[str, Any] | None, may_be_busy: bool, kind: str = "application/json"
) -> dict[str, Any]:
    content = {kind: {} if schema is None else {"schema": schema}}
    statuses = (401, 503) if may_be_busy else (401,)
    return {"summary": about, "responses": {"200": {"description": about, "content": content}, **_errors(*statuses)}}


def _errors(*statuses: int) -> dict[str, Any]:
    content = {"application/json": {"schema": ref("Error")}}
    return {str(status): {"description": _BAD[status], "content": content} for status in statuses}
