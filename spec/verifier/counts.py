#!/usr/bin/env python3
"""Counts what an import of a real list must report, without sharing a line with the importer.

    counts.py idb|ceis|cnep|boe-banks|occ-banks|epa-npdes|ma-dep|listed-companies|
              federal-branches|taxpayers FILE --as-of YYYY-MM-DD [--today YYYY-MM-DD]
    counts.py series FILE...        snapshots of one list of entities, one after the other

Prints one JSON object: rows, accepted, duplicate, already_ended, quarantined, refused,
refused_persons, flagged_identifiers, and the row numbers of refused persons. `accepted` is what a
first import into an empty registry accepts.

The rules are written down here a second time, from what the lists mean and from the law as
packs/*/lists/*.toml cites it, and not from the importer's code: when the two differ, one of them is
wrong. `--today` is accepted because the rules name it, and must change nothing: a row that ended
between the day of reading and today is accepted. Standard library only.
"""

import argparse
import csv
import datetime
import io
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

# Spelling in the list -> (who decided, whether the law sets no end).
CEIS_LAW = {
    "Suspensão - Lei de Licitações": ("administrative", False),
    "Inidoneidade - Lei de Licitações": ("administrative", True),
    "Impedimento - Lei do Pregão": ("administrative", False),
    "Impedimento. Art. 28, Decreto 5450/2005": ("administrative", False),
    "Impedimento - Lei do RDC": ("administrative", False),
    "Inidoneidade - Lei Orgânica TCU": ("administrative", False),
    "Proibição - Lei de Improbidade": ("final_court", False),
    "Inidoneidade - Lei da ANTT e ANTAQ": ("administrative", False),
    "Proibição - Lei Antitruste": ("administrative", False),
    "Proibição - Lei Antitruste - Escopo Limitado": ("administrative", False),
    "Suspensão - Lei das Estatais": ("administrative", False),
}
CNEP_LAW = {
    "Multa - Lei da Empresa Limpa": ("administrative", True),
    "Publicação Extraordinária - Lei da Empresa Limpa": ("administrative", True),
    "Publica\ufffd\ufffdo Extraordin\ufffdria - Lei da Empresa Limpa": ("administrative", True),
}
IDB_LAW = {
    practice: ("administrative", True)
    for practice in ("Fraud", "Corruption", "Collusion", "Coercion", "Obstruction")
}

SIZE_MARKS = {"me", "epp", "mei"}


def words(text):
    """Lower case, no accents, punctuation to blanks."""
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    return re.sub(r"[^\w]+", " ", text.replace("_", " ")).strip()


def has(text, *phrases):
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def ends(text, *phrases):
    return any(f" {text}".endswith(f" {phrase}") for phrase in phrases)


def without_marks(text):
    """The name before size marks and notes of the register, and whether a size mark was there."""
    seen_mark = False
    while True:
        match = re.search(
            r"(?:^| )(me|epp|mei|em recuperacao judicial|em liquidacao|falid[oa]|massa falida)$", text
        )
        if not match:
            return text, seen_mark
        seen_mark |= match.group(1) in SIZE_MARKS
        text = text[: match.start()].rstrip()


def brazilian(name):
    """('organisation' | 'person' | 'undecided', kind) of a Brazilian firm name with a CNPJ."""
    whole = words(name)
    core, is_small = without_marks(whole)
    company = (
        has(whole, "limitada", "sociedade anonima", "s a do brasil", "companhia")
        or re.search(r"(ltda|eireli)( |$)", whole)
        or has(whole, "sociedade de advogados", "advogados associados", "consorcio")
    )
    by_shares = ends(core, "s a")
    other = has(
        whole, "sociedade simples", "empresa publica", "sociedade de economia mista",
        "em liquidacao extrajudicial", "massa falida de",
    ) or ends(core, "s s", "s c")
    association = has(
        whole, "associacao", "federacao", "confederacao", "instituto", "organizacao da sociedade",
        "organizacao de saude", "organizacao social", "sociedade de assistencia", "sociedade civil",
        "sociedade beneficente",
    )
    # An "instituto federal" is a public school, and says nothing about associations.
    is_free = has(
        re.sub(r"\binstituto federal\b", "_", whole), "associacao", "federacao", "confederacao",
        "instituto", "organizacao da sociedade", "organizacao de saude", "organizacao social",
        "sociedade de assistencia", "sociedade civil", "sociedade beneficente",
    )
    public_institution = has(whole, "universidade federal", "universidade estadual")
    public_body = has(whole, "prefeitura", "municipio de")
    union = has(whole, "sindicato")
    party = has(whole, "partido")
    faith = has(whole, "igreja", "diocese", "paroquia", "mitra diocesana", "mitra arquidiocesana")
    cooperative = has(whole, "cooperativa")
    foundation = has(whole, "fundacao")
    # What can never be a small business in law tells nothing beside a size mark.
    starts = whole.split(" ", 1)[0] in ("sindicato", "partido", "igreja", "diocese", "paroquia")
    never_small = (
        by_shares or association or public_institution or public_body or starts or foundation
        or has(whole, "mitra diocesana", "mitra arquidiocesana")
    )
    # Igreja and Partido at the end of a name may be a family's.
    is_form = company or other or cooperative or (never_small and not is_small)
    if has(whole, "empresario individual", "firma individual", "microempreendedor individual"):
        return "person", None
    if not is_form:
        return ("person" if is_small else "undecided"), None
    media = has(
        whole, "jornal", "jornais", "jornalistica", "jornalismo", "radio", "radiodifusao",
        "televisao", "emissora", "agencia de noticias",
    )
    # A legal form takes no protection away: a union's company is still a union's.
    if media or union or has(whole, "central sindical") or party or faith or is_free:
        kind = "protected"
    elif cooperative or company or by_shares:
        kind = "other"
    elif has(whole, "instituto federal") or public_institution or public_body:
        kind = "public"
    else:
        kind = "other"
    return "organisation", kind


def idb_kind(name):
    """'protected' as soon as one such word stands in the name, whatever the legal form."""
    whole = words(name)
    protected = has(
        whole, "newspaper", "broadcasting", "television", "news agency", "radio station",
        "trade union", "labour union", "labor union", "sindicato", "syndicat",
        "political party", "partido", "church", "iglesia", "diocese", "parish", "mosque",
        "association", "asociacion", "associacao", "associazione", "sangha", "sangstha",
        "society", "federation", "ngo",
    )
    return "protected" if protected else "other"


def check_digits(digits, length):
    """The number with its two check digits recomputed (modulus 11, CNPJ weights 2..9, CPF 2..11)."""
    body = digits[: length - 2]
    top = 9 if length == 14 else 11
    for _ in range(2):
        total = sum(
            int(digit) * (2 + place % (top - 1)) for place, digit in enumerate(reversed(body))
        )
        rest = total % 11
        body += "0" if rest < 2 else str(11 - rest)
    return body


def is_valid(digits, length):
    return len(digits) == length and len(set(digits)) > 1 and check_digits(digits, length) == digits


def tidy(text):
    return " ".join(text.replace("\ufeff", " ").replace("\u200b", " ").split())


def date(text, formats):
    for form in ("%Y-%m-%d", *formats):
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            pass
    return None


def begins_with_root(name, cnpj):
    """A micro-entrepreneur's firm since 2022: the root of the CNPJ, then the owner's name."""
    lead = re.match(r"[\d.]*", name).group().replace(".", "")
    return len(cnpj) == 14 and lead.startswith(cnpj[:8])


def brazilian_rows(path, law, zeros_dropped):
    """(row number, verdict, key, content, facts) of each row of CEIS or CNEP."""
    with open(path, encoding="utf-8", errors="replace", newline="") as handle:
        reader = csv.DictReader(io.StringIO(handle.read()))
        for number, row in enumerate(reader, start=2):
            row = {key: tidy(value or "") for key, value in row.items()}
            raw, name = row["cnpjcpf"], row["nome"].rstrip("*").rstrip()
            digits = re.sub(r"\D", "", raw)
            verdict, kind = brazilian(name)
            if zeros_dropped:
                is_person = 0 < len(digits) <= 11 and is_valid(digits.zfill(11), 11)
            else:
                is_person = len(digits) == 11
            cnpj = digits.zfill(14) if raw.isdigit() else digits
            if is_person or "*" in raw or begins_with_root(name, cnpj):
                verdict = "person"
            facts = {
                "kind": kind,
                "acts": [law.get(row["tipo"])],
                "start": "",
                "end": row.get("data_final", ""),
                "formats": ("%d/%m/%Y",),
                "no_end": row.get("data_final", "") == "",
                "identifier": cnpj,
                "unreadable": bool(raw) and len(cnpj) != 14,
                "flagged": 0 if is_valid(cnpj, 14) else 1,
                "amount": row.get("valor_multa", ""),
            }
            key = (cnpj, row["tipo"], row["nome_do_orgao"])
            occurrence = (row.get("data_final", ""),)
            content = (*key, *occurrence, name, facts["amount"])
            yield number, verdict, key, occurrence, content, facts


def sheet_rows(path, sheet=1):
    """(row number, {column letter: text}) of a sheet of an XLSX file."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            for item in root.findall(f"{space}si"):
                shared.append("".join(text.text or "" for text in item.iter(f"{space}t")))
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
        for row in root.iter(f"{space}row"):
            cells = {}
            for cell in row.findall(f"{space}c"):
                column = re.match("[A-Z]+", cell.get("r")).group()
                value = cell.find(f"{space}v")
                if cell.get("t") == "inlineStr":
                    text = "".join(part.text or "" for part in cell.iter(f"{space}t"))
                elif cell.get("t") == "s":
                    text = shared[int(value.text)]
                else:
                    text = value.text if value is not None else ""
                cells[column] = text or ""
            yield int(row.get("r")), cells


def idb_rows(path):
    rows = sheet_rows(path)
    _, header = next(rows)
    for number, cells in rows:
        row = {title: tidy(cells.get(column, "")) for column, title in header.items()}
        # A blank row, and the caption of the export's filter, are no rows.
        if not any(row.values()) or row["Title"].startswith("Zastosowane filtry:"):
            continue
        verdict = {"Firm": "organisation", "Individual": "person"}.get(row["Entity"], "undecided")
        grounds = [ground.strip() for ground in row["Grounds"].split(",") if ground.strip()]
        facts = {
            "kind": idb_kind(row["Title"]),
            "acts": [IDB_LAW.get(ground) for ground in grounds] or [None],
            "start": row["From"],
            "end": "" if row["To"] == "Ongoing" else row["To"],
            "formats": ("%b %d, %Y",),
            "no_end": row["To"] == "Ongoing",
            "identifier": "",
            "unreadable": False,
            "flagged": 0,
        }
        key = (row["Title"], row["Source"])
        content = tuple(
            row[title]
            for title in ("Title", "Source", "From", "To", "Nationality", "Grounds", "Other Name",
                          "IDB Sanction Type")
        )
        yield number, verdict, key, (row["From"],), content, facts


def lei_is_valid(text):
    number = int("".join(str(int(c, 36)) for c in text)) if text.isalnum() else 0
    return len(text) == 20 and number % 97 == 1


def neutral(number, verdict, key, content, *, start="", formats=(), flaws=False):
    """A row of a list that says something neutral: no ground is needed and no end."""
    facts = {
        "kind": "other", "acts": [("administrative", True)], "start": start, "end": "",
        "formats": formats, "no_end": True, "unreadable": flaws, "flagged": 0,
    }
    return number, verdict, key, (), content, facts


BANK_WORDS = (
    r"\b(plc|limited|ltd|banks?|banking|banque|banco|bankas|banca|sa|ag|nv|bv|spa|se|inc|corporation|"
    r"company|building society|s a|n v|b v|s p a|a s)\b"
)


def boe_rows(path):
    """Every row of three cells whose second is a number, whatever table it stands in."""
    with open(path, encoding="utf-8-sig", newline="") as handle:
        for number, cells in enumerate(csv.reader(handle), start=1):
            name, reference, lei = (tidy(cell) for cell in cells[:3])
            if not reference.isdigit():
                continue
            shown = re.search(BANK_WORDS, words(name)) or lei_is_valid(lei.lstrip("'"))
            yield neutral(number, "organisation" if shown else "undecided", (reference,), (name, lei))


def occ_rows(path):
    for number, cells in sheet_rows(path, sheet=2):
        charter, name = tidy(cells.get("A", "")), tidy(cells.get("B", ""))
        if not charter.isdigit():
            continue
        shown = re.search(
            r"\b(bank|banking|trust|national|n a|na|association|company|corporation)\b", words(name)
        )
        certificate, rssd = cells.get("F", ""), cells.get("G", "")
        flaws = any(value and not value.strip("0") for value in (certificate, rssd))
        yield neutral(
            number, "organisation" if shown else "undecided", (charter,), (name, rssd), flaws=flaws
        )


def epa_rows(path):
    shapes = (
        "inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "lp",
        "llp", "plc", "city of", "town of", "village of", "county", "state of", "university",
        "college", "school", "hospital", "department of", "district", "authority", "commission",
        "wpcf", "wwtf", "wwtp", "wpca", "potw", "us army", "us navy", "us air force", "usda",
        "us coast guard", "water department", "national guard",
    )
    with open(path, encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            row = {key: tidy(value or "") for key, value in row.items()}
            if row["stage"].startswith("draft"):
                continue
            name, permit = row["facility_name"], row["permit_number"]
            verdict = "organisation" if has(words(name), *shapes) else "undecided"
            flaws = len(name) > 400 or not re.fullmatch(r"[\w./-]{1,50}", permit.replace(" ", ""))
            content = (name, row["town"], row["receiving_water"])
            yield neutral(
                number, verdict, (permit, row["stage"], row["date"]), content,
                start=row["date"], formats=("%m/%d/%Y",), flaws=flaws,
            )


def ma_dep_rows(path):
    """No row says when it ends and no law that was read says that it never does."""
    with open(path, encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            yield number, "undecided", (row["organisation"],), (), (), {}


def listed_company_rows(path):
    """Two columns: the short name and the full one."""
    with open(path, encoding="utf-8-sig", newline="") as handle:
        rows = csv.reader(handle)
        next(rows)
        for number, (short, full) in enumerate(rows, start=2):
            short, full = tidy(short), tidy(full)
            shown = "公司" in full or "银行" in full
            yield neutral(number, "organisation" if shown else "undecided", (full,), (full, short))


def federal_branch_rows(path):
    """The third sheet; its rows are those with a number in the first column."""
    forms = ("bank", "banking", "banco", "n v", "s a", "limited", "corporation", "plc")
    for number, cells in sheet_rows(path, sheet=3):
        charter, name = tidy(cells.get("A", "")), tidy(cells.get("B", ""))
        if charter.isdigit():
            verdict = "organisation" if has(words(name), *forms) else "undecided"
            yield neutral(number, verdict, (charter,), (name, cells.get("D"), cells.get("G")))


def taxpayer_rows(path):
    """The rows of one scheme: ten digits are an organisation's, eleven and twelve a person's."""
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    with open(path, encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            if row["scheme"] != "RU_INN":
                continue
            name, value = tidy(row["name"]), tidy(row["value"])
            is_number = value.isdigit() and len(value) == 10
            total = sum(int(digit) * weight for digit, weight in zip(value, weights)) if is_number else 0
            holds = is_number and total % 11 % 10 == int(value[9])
            if value.isdigit() and len(value) in (11, 12):
                verdict = "person"
            elif holds or has(words(name), "limited liability company", "joint stock company"):
                verdict = "organisation"
            else:
                verdict = "undecided"
            found = neutral(number, verdict, (row["ent_num"], value), (name,), flaws=not is_number)
            found[5]["flagged"] = 0 if holds else 1
            yield found


def series(paths):
    """What each snapshot of a list of entities adds, changes, leaves and ends."""
    standing, steps = {}, []
    for path in paths:
        with open(path, encoding="utf-8", newline="") as handle:
            rows = {
                row["ent_num"]: (tidy(row["name"]), tidy(row["program"]))
                for row in csv.DictReader(handle)
                if row["sdn_type"].strip() != "individual"
            }
        steps.append({
            "rows": len(rows),
            "accepted": len(rows.keys() - standing.keys()),
            "changed": sum(rows[key] != standing[key] for key in rows.keys() & standing.keys()),
            "unchanged": sum(rows[key] == standing[key] for key in rows.keys() & standing.keys()),
            "ended": len(standing.keys() - rows.keys()),
        })
        standing = rows
    return steps


def outcome(verdict, key, facts, as_of):
    """What becomes of one row, before repetitions are looked for."""
    if verdict == "person":
        return "refused_persons"
    if verdict == "undecided":
        return "quarantined"
    acts = facts["acts"]
    known = [act for act in acts if act]
    if facts["kind"] == "protected" and any(act[0] != "final_court" for act in known):
        return "refused"
    if not all(acts) or not all(key) or facts["unreadable"]:
        return "quarantined"
    start = date(facts["start"], facts["formats"]) if facts["start"] else None
    end = date(facts["end"], facts["formats"]) if facts["end"] else None
    if (facts["start"] and not start) or (facts["end"] and not end):
        return "quarantined"
    if end is None and not (facts["no_end"] and all(act[1] for act in acts)):
        return "quarantined"
    if (start and end and end < start) or (start and start > as_of):
        return "quarantined"
    return "already_ended" if end and end < as_of else "accepted"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    readers = {
        "idb": idb_rows,
        "ceis": lambda path: brazilian_rows(path, CEIS_LAW, False),
        "cnep": lambda path: brazilian_rows(path, CNEP_LAW, True),
        "boe-banks": boe_rows,
        "occ-banks": occ_rows,
        "epa-npdes": epa_rows,
        "ma-dep": ma_dep_rows,
        "listed-companies": listed_company_rows,
        "federal-branches": federal_branch_rows,
        "taxpayers": taxpayer_rows,
    }
    parser.add_argument("profile", choices=(*readers, "series"))
    parser.add_argument("file", nargs="+")
    parser.add_argument("--as-of", type=datetime.date.fromisoformat)
    parser.add_argument("--today", type=datetime.date.fromisoformat)
    arguments = parser.parse_args()
    if arguments.profile == "series":
        print(json.dumps(series(arguments.file)))
        return
    if arguments.as_of is None:
        sys.exit("--as-of is missing")
    if arguments.today and arguments.as_of > arguments.today:
        sys.exit("--as-of lies in the future")
    rows = readers[arguments.profile](arguments.file[0])
    names = ("accepted", "duplicate", "already_ended", "quarantined", "refused", "refused_persons")
    counts = dict.fromkeys(("rows", *names, "flagged_identifiers"), 0)
    seen, persons = {}, []
    for number, verdict, key, occurrence, content, facts in rows:
        counts["rows"] += 1
        result = outcome(verdict, key, facts, arguments.as_of)
        if result in ("accepted", "already_ended"):
            known = seen.setdefault((*key, *occurrence), content)
            if known is not content:
                result = "duplicate" if known == content else "quarantined"
        counts[result] += 1
        if result == "accepted":
            counts["flagged_identifiers"] += facts["flagged"]
        if result == "refused_persons":
            persons.append(number)
    assert sum(counts[name] for name in names) == counts["rows"]
    print(json.dumps({**counts, "refused_person_rows": persons}))


if __name__ == "__main__":
    main()
