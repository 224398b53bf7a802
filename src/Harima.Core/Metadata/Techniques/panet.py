"""Makes panet.tsv out of source/PaNET.csv of github.com/pan-ontologies/PaNET:  python3 panet.py PaNET.csv > panet.tsv

Kept are id, label, synonyms and broader terms. A term defined as 'a and b' is below both, and every term that is below both
is below it: what a reasoner would infer from these definitions.
"""
import csv
import re
import sys

rows = [r for r in list(csv.reader(open(sys.argv[1], encoding="utf-8")))[4:] if r[7] == "owl:Class" and "PaNET" in r[1]]
ids = {r[2].strip().lower(): r[1].rsplit("/", 1)[-1] for r in rows}
known = set(ids.values())


def term(text):
    text = text.strip().strip("'()").strip()
    name = text.split(":")[-1].rsplit("/", 1)[-1]
    return name if name in known else ids.get(text.lower())


broader, defined = {}, []
for r in rows:
    me = r[1].rsplit("/", 1)[-1]
    up = {term(cell) for cell in r[8:15] if cell.strip()}
    # The cells of a definition hold together; one that is no term, such as 'supports' some purpose, can be met by nothing known here.
    parts = [term(part) for cell in r[15:18] if cell.strip() for part in re.split(r"\band\b", cell)]
    up.update(part for part in parts if part)
    if len(parts) > 1 and all(parts):
        defined.append((me, set(parts)))
    broader[me] = up - {None, me}


def above(me):
    seen, todo = set(), [me]
    while todo:
        for up in broader.get(todo.pop(), ()):
            if up not in seen:
                seen.add(up)
                todo.append(up)
    return seen


changed = True
while changed:
    changed = False
    for me in broader:
        ups = above(me)
        for whole, parts in defined:
            if whole != me and whole not in ups and parts <= ups | {me} and me not in above(whole):
                broader[me].add(whole)
                changed = True
                ups = above(me)

print("# Photon and Neutron Experimental Techniques (PaNET), https://github.com/pan-ontologies/PaNET at 7b19189,")
print("# by the PaNET contributors (ExPaNDS, PaNOSC), CC-BY 4.0 (https://creativecommons.org/licenses/by/4.0/).")
print("# Changed: definitions left out, broader terms inferred from definitions added; made by panet.py.")
print("# id\tlabel\tsynonyms\tbroader")
for r in sorted(rows, key=lambda r: r[1]):
    me = r[1].rsplit("/", 1)[-1]
    alts = [a.strip() for cell in r[3:5] for a in re.split(r"[,;|]", cell) if a.strip()]
    print(me, r[2].strip(), "|".join(alts), "|".join(sorted(broader[me])), sep="\t")
