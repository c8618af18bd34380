"""Makes the tables of the README and docs/ from the figures in figures.json, one function per table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from figure_names import SETS, TEXTS, Figures, language_of, markdown, marks_in, plain, rows_of
from figure_readers import chinese, lines, lines_all, pages, pages_all

__all__ = ["TABLES", "Figures", "language_of", "marks_in"]


def environment(figures: Figures, language: int) -> str:
    """Where and when all figures were measured."""
    if not figures:
        return ""
    parts = list(figures.values())
    dates = sorted({part["date"] for part in parts})
    loads = [load for part in parts for load in part["load"]]
    versions = {name: number for part in parts for name, number in part["versions"].items()}
    readers = sorted((row[2] for name in ("pages", "lines") for row in rows_of(figures, name)), reverse=True)
    others = {name.lower(): name for name in readers if not name.startswith("bitocr")}
    limits = [f"{name} {part['limit']}" for name, part in figures.items() if part.get("limit")]
    measured = [f"{name} {number}" for name, number in versions.items()]
    tools = ", ".join(measured + [others[name] for name in sorted(others)])
    when, cpu, cores = " – ".join(dict.fromkeys((dates[0], dates[-1]))), parts[0]["cpu"], parts[0]["cores"]
    if language:
        most = f"最多取：{'，'.join(limits)}。" if limits else ""
        return f"测量于 {when}；{cpu}，{cores} 核，负载 {min(loads)} 到 {max(loads)}；{tools}。{most}"
    most = f" Images or pages of each set, at most: {', '.join(limits)}." if limits else ""
    return f"Measured {when} on {cpu}, {cores} cores, load {min(loads)} to {max(loads)}. {tools}.{most}"


def one_bit(figures: Figures, language: int) -> str:
    names = {
        "english, float": "float teacher",
        "english, both": "binary",
        "mobilenet, float": "MobileNet CRNN, float",
    }
    if not (rows := rows_of(figures, "one_bit")):
        return ""
    columns = figures["one_bit"]["tables"][0]["columns"]
    heads = [SETS[head.split(",")[0]][language] + head[len(head.split(",")[0]) :] for head in columns[2:]]
    return markdown(["", *heads], [[names.get(row[0], row[0]), *row[2:]] for row in rows])


def engine(figures: Figures, language: int) -> str:
    """The times of a line's network, relative to the fastest kernel."""
    data = figures.get("engine", {}).get("data")
    if not data:
        return ""
    ours = {each["kernel"]: each["ms"] for each in data["networks"] if each["width"] == 320}
    base = min(ours.values())
    rows = [[f"bitocr, {kernel}", f"{ms:.2f}", f"{ms / base:.1f}"] for kernel, ms in ours.items()]
    for each in data["onnx_runtime"]:
        if each["width"] == 320:
            name = Path(each["file"]).stem.replace("_", " ")
            rows.append([f"ONNX Runtime, {name}", f"{each['ms']:.2f}", f"{each['ms'] / base:.1f}"])
    return markdown(["network of 32 x 320", "ms", "time"], rows)


def kernels(figures: Figures, language: int) -> str:
    data = figures.get("engine", {}).get("data")
    if not data or not data["layers"]:
        return ""
    layers = list(dict.fromkeys((each["channels"], each["height"], each["width"]) for each in data["layers"]))
    rows = []
    for kernel in dict.fromkeys(each["kernel"] for each in data["layers"]):
        rows.append([kernel, *(f"{each['gmac_per_s']:.0f}" for each in data["layers"] if each["kernel"] == kernel)])
    return markdown(["kernel", *(f"{c} channels, {h} x {w}" for c, h, w in layers)], rows)


def startup(figures: Figures, language: int) -> str:
    data = figures.get("engine", {}).get("data")
    if not data:
        return ""
    start, speed = data["cold_start"], {each["threads"]: each["images_per_s"] for each in data["throughput"]}
    if language:
        first = f"一个新进程从导入到读出第一行用 {start['ms']:.0f} 毫秒，内存最多 {start['peak_mb']:.0f} MB；"
        return f"{first}一个线程每秒逐字读 {speed[1]:,.0f} 张 32 x 100 的图片。"
    return (
        f"A new process reads its first line within {start['ms']:.0f} ms, importing included, and takes "
        f"{start['peak_mb']:.0f} MB of memory. One thread reads {speed[1]:,.0f} images of 32 x 100 a second, greedily."
    )


def sizes(figures: Figures, language: int) -> str:
    """README: bitocr's files."""
    names = {
        "finding lines": ("finding lines: `page.bit`", "找行：`page.bit`"),
        "English": ("English: `english.bit`", "英文：`english.bit`"),
        "English n-grams and words": ("its n-grams and words", "英文的 n-gram 和词表"),
        "English, smaller": ("English, smaller: `english-tiny.bit`", "更小的英文：`english-tiny.bit`"),
        "Chinese": ("Chinese, 7,204 characters: `chinese.bit`", "中文，7,204 个字符：`chinese.bit`"),
        "Chinese n-grams": ("its n-grams", "中文的 n-gram"),
    }
    rows = [[names[row[1]][language], row[2]] for row in rows_of(figures, "sizes") if row[0] == "bitocr"]
    return markdown(["", TEXTS["bytes"][language]], rows) if rows else ""


TABLES: dict[str, Callable[[Figures, int], str]] = {
    "environment": environment,
    "pages": pages,
    "pages_all": pages_all,
    "lines": lines,
    "lines_all": lines_all("lines"),
    "chinese": chinese,
    "chinese_all": lines_all("chinese"),
    "one_bit": one_bit,
    "decoding": plain("decoding"),
    "confidence": plain("confidence"),
    "constraints": plain("constraints"),
    "ocrmypdf": plain("ocrmypdf", {}),
    "memory": plain("memory", {}),
    "batch": plain("batch", {}),
    "service": plain("service", {}),
    "engine": engine,
    "kernels": kernels,
    "startup": startup,
    "sizes": sizes,
}
"""The tables by the name in a page's marks."""
