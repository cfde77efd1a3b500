from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from fake_runs import OnStep, screen

from molq.errors import InputError, MissingShardsError, OutputError
from molq.files import open_file
from molq.remote.listing import objects_below
from molq.remote.writing import put
from molq.screening.shards.merge import merge

SUFFIXES = (".csv", ".csv.gz", ".parquet")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("count", [1, 3, 16])
def test_shards_put_together_are_what_one_machine_writes(sharded, whole, tmp_path, suffix, count):
    one = whole(f"one{suffix}", columns=("price",))
    many = merge(sharded(count, columns=("price",)), tmp_path / f"many{suffix}")
    assert (tmp_path / f"many{suffix}").read_bytes() == (tmp_path / f"one{suffix}").read_bytes()
    assert (many.rows, many.scored, many.rejected) == (one.rows, one.scored, one.rejected) == (1500, 1485, 15)
    assert many.reasons == one.reasons
    assert many.tasks == one.tasks


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "chosen",
    [{"top": 40}, {"top": 40, "lowest": True}, {"threshold": 0.9}, {"top": 7, "threshold": 0.5}, {"top": 5000}],
    ids=str,
)
def test_the_best_of_all_shards_are_the_best(sharded, whole, tmp_path, suffix, chosen):
    """Whether they are chosen at the end, or before; row numbers are those of the library."""
    whole(f"one{suffix}", **chosen)
    merge(sharded(4), tmp_path / f"late{suffix}", **chosen)
    early = sharded(4, folder="chosen", **chosen)
    merge(early, tmp_path / f"early{suffix}")
    files = sorted(path.name for path in tmp_path.glob(f"one*{suffix}"))
    assert files
    for name in files:
        expected = (tmp_path / name).read_bytes()
        assert (tmp_path / name.replace("one", "late")).read_bytes() == expected
        assert (tmp_path / name.replace("one", "early")).read_bytes() == expected
    sizes = [sum(p.stat().st_size for p in folder.glob("*.parquet")) for folder in (early, tmp_path / "shards")]
    assert sizes[0] < sizes[1] or chosen["top"] == 5000 if "top" in chosen else True


def test_fewer_of_the_chosen_rows_may_be_asked_for(sharded, whole, tmp_path):
    folder = sharded(3, top=40)
    whole("one.csv", top=10)
    merge(folder, tmp_path / "few.csv", top=10)
    assert (tmp_path / "few.first.csv").read_bytes() == (tmp_path / "one.first.csv").read_bytes()
    for asked in ({"top": 41}, {"top": 10, "lowest": True}, {"threshold": 0.5}):
        with pytest.raises(InputError, match="hold only the best 40"):
            merge(folder, tmp_path / "no.csv", **asked)
    with pytest.raises(InputError, match="`lowest` has a meaning only with"):
        merge(folder, tmp_path / "no.csv", lowest=True)


def test_more_shards_than_rows(model, tmp_path):
    library = tmp_path / "few.smi"
    library.write_text("CCO a\nC( b\nCCC c\n")
    for number in range(1, 8):
        screen(model, library, tmp_path / "shards", shard=f"{number}/7", workers=0)
    screen(model, library, tmp_path / "one.csv", workers=0)
    merge(tmp_path / "shards", tmp_path / "many.csv")
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_a_library_without_a_molecule_is_an_error_in_the_end_and_no_shard_of_it_is(model, tmp_path):
    library = tmp_path / "bad.csv"
    library.write_text("smiles\n" + "C(\n" * 9)
    for number in (1, 2):
        screen(model, library, tmp_path / "shards", shard=f"{number}/2", workers=0)
    with pytest.raises(InputError, match="none of 9 rows"):
        merge(tmp_path / "shards", tmp_path / "many.csv")


def test_missing_shards_are_named_with_the_call_that_makes_them(sharded, home, tmp_path):
    folder = sharded(12, but=7, max_atoms=500, columns=("price",))
    (folder / "shard-03-of-12.json").unlink()
    (folder / "shard-09-of-12.json").unlink()
    (folder / "shard-10-of-12.json").unlink()
    with pytest.raises(MissingShardsError, match="4 of 12 shards are missing: 3, 7, 9 to 10;") as caught:
        merge(folder, tmp_path / "out.csv")
    assert caught.value.missing == ("3/12", "7/12", "9/12", "10/12")
    call = {**caught.value.call}
    assert call.pop("models") == (str(home / "model.molq"),)
    assert call.pop("library") == (str(home / "library.csv"),)
    assert call == {"output": str(folder), "max_atoms": 500, "columns": ("price",), "shard_rows": 400}
    assert not (tmp_path / "out.csv").exists()


def test_shards_of_two_runs_are_not_put_together(sharded, library, model, tmp_path):
    folder = sharded(3)
    screen(model, library, folder, shard="2/3", workers=0, shard_rows=400, max_atoms=77, force=True)
    with pytest.raises(OutputError, match="of two runs: `max_atoms` was 1000, and is 77 now; screen this shard again"):
        merge(folder, tmp_path / "out.csv")
    screen(model, library, folder, shard="1/4", workers=0, shard_rows=400, force=True)
    with pytest.raises(OutputError, match="holds shards of 3 and of 4"):
        merge(folder, tmp_path / "out.csv")


def test_a_library_that_changed_between_shards_is_seen(sharded, library, model, tmp_path):
    folder = sharded(3)
    library.write_bytes(library.read_bytes().replace(b",M1499,", b",M1498,"))
    screen(model, library, folder, shard="1/3", workers=0, shard_rows=400, force=True)
    with pytest.raises(OutputError, match=r"the input has changed \(library.csv\)"):
        merge(folder, tmp_path / "out.csv")


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "other"])
def test_a_shard_that_is_not_what_it_was_is_named(sharded, tmp_path, damage):
    folder = sharded(3)
    path = folder / "shard-2-of-3.parquet"
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        flipped = content[:99] + bytes([content[99] ^ 1]) + content[100:]
        other = (folder / "shard-1-of-3.parquet").read_bytes()
        path.write_bytes({"cut": content[:-10], "flip": flipped, "other": other}[damage])
    out = tmp_path / "out.csv"
    with pytest.raises(OutputError, match=r"shard-2-of-3.parquet is missing, cut short or altered; .*shard=2/3"):
        merge(folder, out)
    assert not out.exists()
    path.write_bytes(content)
    merge(folder, out, resume=True)
    assert out.stat().st_size > 1500


def altered(manifest: Path, change: dict[str, object]) -> None:
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **change}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"done": {"rows": "500"}}, "Expected `int`, got `str` - at `\\$.done.rows`"),
        ({"columns": 7}, "Expected `array`"),
        ({"shard": {"number": 1, "count": 3}}, "does not match its hash"),
        ({"surprise": 1}, "unknown field"),
        ({"output_sha256": "00"}, "does not match its hash"),
        ({"models": ["x.molq"]}, "does not match its hash"),
    ],
)
def test_a_manifest_that_was_altered_is_refused(sharded, tmp_path, change, said):
    folder = sharded(3)
    altered(folder / "shard-2-of-3.json", change)
    with pytest.raises(OutputError, match=said):
        merge(folder, tmp_path / "out.csv")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"0" * 100_000, b"[" * 100_000])
def test_a_manifest_of_any_bytes_is_refused(sharded, tmp_path, content):
    folder = sharded(2)
    (folder / "shard-1-of-2.json").write_bytes(content)
    with pytest.raises(OutputError, match=r"shard-1-of-2.json"):
        merge(folder, tmp_path / "out.csv")


def test_folders_without_shards(tmp_path):
    with pytest.raises(InputError, match="no shard is done there"):
        merge(tmp_path, tmp_path / "out.csv")
    with pytest.raises(InputError, match="name the folder of the shards"):
        merge(tmp_path / "nowhere", tmp_path / "out.csv")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="name the folder of the shards"):
        merge(tmp_path / "file", tmp_path / "out.csv")


def test_strangers_in_the_folder_are_left_alone(sharded, whole, tmp_path):
    folder = sharded(2)
    (folder / "notes.txt").write_text("mine")
    (folder / "shard-x-of-2.json").write_text("mine")
    whole("one.csv")
    merge(folder, tmp_path / "many.csv")
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert (folder / "notes.txt").read_text() == "mine"


def test_an_output_that_exists_is_kept_and_a_shard_is_never_overwritten(sharded, tmp_path):
    folder = sharded(2)
    out = tmp_path / "out.parquet"
    out.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        merge(folder, out)
    assert out.read_text() == "mine"
    with pytest.raises(OutputError, match="is an input"):
        merge(folder, folder / "shard-1-of-2.parquet", force=True)


def test_a_merge_that_was_interrupted_goes_on(sharded, whole, tmp_path):
    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        if done >= random.Random(1).randrange(500, 900):
            raise Stop

    folder = sharded(5)
    out = tmp_path / "out.csv.gz"
    with pytest.raises(Stop):
        merge(folder, out, progress=OnStep(stop))
    summary = merge(folder, out, resume=True)
    whole("one.csv.gz")
    assert summary.resumed_rows > 0
    assert out.read_bytes() == (tmp_path / "one.csv.gz").read_bytes()
    assert len(gzip.decompress(out.read_bytes()).splitlines()) == 1501


def test_shards_in_a_store_are_put_together_there(library, model, whole, tmp_path, bucket):
    whole("one.csv")
    put(library.read_bytes(), f"{bucket}/library.csv")
    url = bucket.replace("s3://", "s3://AKIAMOLQTEST:a-secret-of-the-tests@")
    for number in (2, 1):
        if number == 1:
            with pytest.raises(MissingShardsError, match="1 of 2 shards is missing: 1"):
                merge(f"{bucket}/shards", f"{bucket}/many.csv")
        screen(model, f"{url}/library.csv", f"{url}/shards", shard=f"{number}/2", workers=0)
    merge(f"{bucket}/shards", f"{bucket}/many.csv")
    with open_file(f"{bucket}/many.csv") as file:
        assert file.read() == (tmp_path / "one.csv").read_bytes()
    for object_url in objects_below(f"{bucket}/shards"):
        with open_file(object_url) as file:
            assert b"a-secret" not in file.read()


@pytest.mark.slow
def test_molecules_that_are_poison_are_the_same_rows_in_shards(model, tmp_path):
    library = tmp_path / "poisoned.smi"
    library.write_text(
        "".join(f"{'C' * (row + 1)} M{row}\n" for row in range(40)) + "[U] u\n[Th] th\nC( bad\n[Pu] pu\n"
    )
    options = {"loader": "load_poison", "workers": 1, "timeout_per_molecule": 1.0}
    for number in (2, 3, 1):
        screen(model, library, tmp_path / "shards", shard=f"{number}/3", **options)
    screen(model, library, tmp_path / "one.csv", **options)
    summary = merge(tmp_path / "shards", tmp_path / "many.csv")
    assert summary.rejected == 4
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
