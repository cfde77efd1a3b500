"""Molecules that tests share: drugs, and shapes that trip code up."""

DRUGS = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "C",
    "[Na+].[Cl-]",
    "O=C=O",
    "C[C@@H](O)/C=C/c1ccc(Br)cc1",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O",
    "C1CC2CCC1C2",
    "[13CH4]",
    "N#CC(C)(C)c1cc(Cn2cncn2)cc(c1)C(C)(C)C#N",
    "OC(=O)C(F)(F)F",
    "C[N+](C)(C)CC([O-])=O",
]
