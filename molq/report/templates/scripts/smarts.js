// smarts(text): a query that says of a molecule's graph whether RDKit's HasSubstructMatch would find it; what it does
// not know it refuses in words. A graph is what graph(sketch) makes of molq.chem.sketch.
(() => {
  "use strict";
  const SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo " +
    "Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl " +
    "Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
  ).split(" ");
  const NUMBERS = new Map(SYMBOLS.map((symbol, i) => [symbol, i + 1]));
  const CAN_BE_AROMATIC = new Set(["B", "C", "N", "O", "P", "S"]); // RDKit finds aromatic selenium by [Se] too
  const AROMATIC = ["se", "as", "te", "si", "b", "c", "n", "o", "p", "s"];
  const PLAIN = ["Cl", "Br", "B", "C", "N", "O", "P", "S", "F", "I"];
  const MOST_STEPS = 200000; // of a search in one molecule

  class Refused extends Error {}

  // ---- molecules

  // bonds of a sketch are triples: two atoms, and order + 16 aromatic + 32 in a ring + 64 × stereo
  function graph(sketch) {
    const n = sketch.z.length;
    const spread = (sparse) => {
      const dense = new Int16Array(n);
      for (const [atom, value] of Object.entries(sparse ?? {})) dense[atom] = value;
      return dense;
    };
    const found = {
      n, z: sketch.z, implicit: sketch.h, charge: spread(sketch.q), isotope: spread(sketch.i),
      rings: new Int16Array(n), smallest: new Int16Array(n), ringBonds: new Int16Array(n),
      hydrogens: Int16Array.from(sketch.h), valence: Int16Array.from(sketch.h), aromatic: new Uint8Array(n),
      ends: Array.from({ length: n }, () => []), bonds: Array.from({ length: n }, () => []),
    };
    for (let i = 0; i < (sketch.r ?? []).length; i += 3) {
      found.rings[sketch.r[i]] = sketch.r[i + 1];
      found.smallest[sketch.r[i]] = sketch.r[i + 2];
    }
    for (const atom of sketch.a ?? []) found.aromatic[atom] = 1;
    for (let i = 0; i < sketch.b.length; i += 3) {
      const [a, b, bond] = [sketch.b[i], sketch.b[i + 1], sketch.b[i + 2]];
      for (const [from, to] of [[a, b], [b, a]]) {
        found.ends[from].push(to);
        found.bonds[from].push(bond);
        found.hydrogens[from] += sketch.z[to] === 1;
        found.valence[from] += (bond & 15) < 5 ? bond & 15 : (bond & 15) === 9 && from === b; // dative
        found.ringBonds[from] += (bond & 32) >> 5;
      }
    }
    return found;
  }

  const order = (bond) => (bond & 16 ? 0 : bond & 15);

  // ---- reading

  class Reader {
    constructor(text) {
      [this.text, this.at] = [text, 0];
    }
    get next() {
      return this.text[this.at] ?? "";
    }
    get sign() {
      return `“${String.fromCodePoint(this.text.codePointAt(this.at))}”`;
    }
    take(word) {
      if (!this.text.startsWith(word, this.at)) return false;
      this.at += word.length;
      return true;
    }
    takeAny(words) {
      return words.find((word) => this.take(word));
    }
    number() {
      const digits = /^\d+/.exec(this.text.slice(this.at, this.at + 6))?.[0];
      if (digits === undefined) return undefined;
      this.at += digits.length;
      return Number(digits);
    }
    refuse(why) {
      throw new Refused(`${why} (character ${this.at + 1})`);
    }
  }

  const both = (a, b) => (...of) => a(...of) && b(...of);
  const either = (a, b) => (...of) => a(...of) || b(...of);

  // an expression of primitives: ! binds before & (written or not), then ",", then ";"
  function expression(reader, primitive, ends) {
    const not = () => {
      if (!reader.take("!")) return primitive(reader);
      const inner = not();
      return (...of) => !inner(...of);
    };
    const high = () => {
      let found = not();
      while (reader.next && !ends.includes(reader.next) && !",;".includes(reader.next)) {
        reader.take("&");
        found = both(found, not());
      }
      return found;
    };
    const or = () => {
      let found = high();
      while (reader.take(",")) found = either(found, high());
      return found;
    };
    let found = or();
    while (reader.take(";")) found = both(found, or());
    return found;
  }

  const element = (z, isAromatic) =>
    isAromatic === undefined ? (g, a) => g.z[a] === z : (g, a) => g.z[a] === z && g.aromatic[a] === isAromatic;

  const symbolTest = (symbol) => element(NUMBERS.get(symbol), CAN_BE_AROMATIC.has(symbol) ? 0 : undefined);
  const aromaticTest = (symbol) => element(NUMBERS.get(symbol[0].toUpperCase() + symbol.slice(1)), 1);

  function bareAtom(reader) {
    const symbol = reader.takeAny(PLAIN);
    if (symbol) return symbolTest(symbol);
    const aromatic = reader.takeAny(["b", "c", "n", "o", "p", "s"]);
    if (aromatic) return aromaticTest(aromatic);
    if (reader.take("*")) return () => true;
    if (reader.take("A")) return (g, a) => !g.aromatic[a];
    if (reader.take("a")) return (g, a) => g.aromatic[a] === 1;
    return undefined;
  }

  function bracketAtom(reader, state) {
    const hydrogen = /^(\d*)H([+-]\d*|\++|-+)?(:\d+)?\]/.exec(reader.text.slice(reader.at));
    if (hydrogen) return hydrogenAtom(reader, hydrogen);
    const test = expression(reader, (r) => atomPrimitive(r, state), "]:");
    if (reader.take(":") && reader.number() === undefined) reader.refuse("a number is missing after “:”");
    if (!reader.take("]")) reader.refuse("“]” is missing");
    return test;
  }

  function hydrogenAtom(reader, [whole, isotope, charge]) {
    reader.at += whole.length;
    let test = element(1);
    if (isotope) test = both(test, (g, a) => g.isotope[a] === Number(isotope));
    if (charge) {
      const size = /\d/.test(charge) ? Number(charge.slice(1)) : charge.length;
      test = both(test, (g, a) => g.charge[a] === (charge[0] === "+" ? size : -size));
    }
    return test;
  }

  const COUNTS = {
    D: (n = 1) => (g, a) => g.ends[a].length === n,
    X: (n = 1) => (g, a) => g.ends[a].length + g.implicit[a] === n,
    v: (n = 1) => (g, a) => g.valence[a] === n,
    H: (n = 1) => (g, a) => g.hydrogens[a] === n,
    h: (n) => (n === undefined ? (g, a) => g.implicit[a] > 0 : (g, a) => g.implicit[a] === n),
    R: (n) => (n === undefined ? (g, a) => g.rings[a] > 0 : (g, a) => g.rings[a] === n),
    r: (n) => (n === undefined ? (g, a) => g.rings[a] > 0 : (g, a) => g.smallest[a] === n),
    x: (n) => (n === undefined ? (g, a) => g.ringBonds[a] > 0 : (g, a) => g.ringBonds[a] === n),
  };

  function atomPrimitive(reader, state) {
    if (reader.take("$(")) return recursive(reader, state);
    if (reader.take("#")) {
      const z = reader.number() ?? reader.refuse("an atomic number is missing after “#”");
      return element(z);
    }
    const isotope = reader.number();
    if (isotope !== undefined) return (g, a) => g.isotope[a] === isotope;
    if (reader.next === "+" || reader.next === "-") return chargeTest(reader);
    if (reader.take("@")) return stereo(reader, state);
    const two = reader.text.slice(reader.at, reader.at + 2);
    if (NUMBERS.has(two) && two.length === 2 && reader.take(two)) return symbolTest(two);
    const aromatic = reader.takeAny(AROMATIC);
    if (aromatic) return aromaticTest(aromatic);
    const letter = reader.next;
    if (letter in COUNTS) {
      reader.take(letter);
      if (reader.next === "{") reader.refuse("ranges in braces are not known here");
      return COUNTS[letter](reader.number());
    }
    if (NUMBERS.has(letter) && reader.take(letter)) return symbolTest(letter);
    const known = bareAtom(reader);
    return known ?? reader.refuse(letter ? `${reader.sign} is not known here` : "“]” is missing");
  }

  function chargeTest(reader) {
    const sign = reader.next;
    let charge = 0;
    while (reader.take(sign)) charge += 1;
    const size = charge === 1 ? (reader.number() ?? 1) : charge;
    return (g, a) => g.charge[a] === (sign === "+" ? size : -size);
  }

  function stereo(reader, state) {
    reader.take("@");
    if (/^(?:TH|AL|SP|TB|OH)\d/.test(reader.text.slice(reader.at))) reader.refuse("this class of stereo is not known here");
    state.ignoresStereo = true;
    return () => true;
  }

  function recursive(reader, state) {
    const inner = chain(reader, state, ")");
    if (!reader.take(")")) reader.refuse("“)” is missing");
    const plan = planned(inner);
    const known = new WeakMap();
    return (g, a) => {
      if (!known.has(g)) known.set(g, new Map());
      const answers = known.get(g);
      if (!answers.has(a)) answers.set(a, isFound(plan, g, a));
      return answers.get(a);
    };
  }

  const BONDS = {
    "-": (bond) => order(bond) === 1,
    "=": (bond) => order(bond) === 2,
    "#": (bond) => order(bond) === 3,
    $: (bond) => order(bond) === 4,
    ":": (bond) => (bond & 16) !== 0,
    "~": () => true,
    "@": (bond) => (bond & 32) !== 0,
  };
  const BOND_SIGNS = "-=#$:~@/\\!";
  const singleOrAromatic = (bond) => (bond & 16) !== 0 || order(bond) === 1;

  function bondTest(reader, state) {
    if (!reader.next || !BOND_SIGNS.includes(reader.next)) return undefined;
    return expression(reader, (r) => bondPrimitive(r, state), bondEnds(reader));
  }

  // a bond ends where something stands that no bond begins with
  const bondEnds = () => ({ includes: (sign) => !`${BOND_SIGNS}&`.includes(sign) });

  function bondPrimitive(reader, state) {
    const sign = reader.next;
    if (reader.text.startsWith("->", reader.at) || reader.text.startsWith("<-", reader.at)) {
      reader.refuse("dative bonds are not known here");
    }
    if (sign === "/" || sign === "\\") {
      reader.take(sign);
      state.ignoresStereo = true;
      return singleOrAromatic;
    }
    if (!(sign in BONDS)) reader.refuse(sign ? `${reader.sign} is no bond` : "a bond leads nowhere");
    reader.take(sign);
    return BONDS[sign];
  }

  // atoms and bonds up to ``end``
  function chain(reader, state, end) {
    const query = { atoms: [], bonds: [] };
    const open = new Map();
    const branches = [];
    let last = -1;
    const isEnd = () => !reader.next || (reader.next === end && !branches.length);
    while (!isEnd()) {
      if (reader.take("(")) {
        if (last < 0) reader.refuse("groups of components are not known here");
        if (reader.next === "(" || reader.next === ")") reader.refuse("an atom is missing after “(”");
        branches.push(last);
        continue;
      }
      if (reader.take(")")) {
        if (!branches.length) reader.refuse("“(” is missing");
        last = branches.pop();
        continue;
      }
      if (reader.take(".")) {
        if (last < 0) reader.refuse("nothing stands before “.”");
        last = -1;
        continue;
      }
      if (reader.text.startsWith(">", reader.at)) reader.refuse("reactions are not known here");
      const bond = bondTest(reader, state);
      const label = closure(reader);
      if (label !== undefined) {
        if (last < 0) reader.refuse("a ring number stands before any atom");
        ringBond(reader, query, open, label, last, bond);
        continue;
      }
      const test = reader.take("[") ? bracketAtom(reader, state) : bareAtom(reader);
      if (!test) reader.refuse(reader.next ? `${reader.sign} is not known here` : "a bond leads nowhere");
      query.atoms.push(test);
      const here = query.atoms.length - 1;
      if (last >= 0) query.bonds.push([last, here, bond ?? singleOrAromatic]);
      else if (bond) reader.refuse("a bond stands before any atom");
      last = here;
    }
    if (branches.length) reader.refuse("“)” is missing");
    if (last < 0 && query.atoms.length) reader.refuse("nothing stands after “.”");
    if (open.size) reader.refuse(`ring ${[...open.keys()][0]} is not closed`);
    if (!query.atoms.length) reader.refuse("no atoms");
    return query;
  }

  function closure(reader) {
    if (/\d/.test(reader.next)) return Number(reader.text[reader.at++]);
    const long = /^%(?:(\d\d)|\((\d{1,5})\))/.exec(reader.text.slice(reader.at));
    if (!long) return undefined;
    reader.at += long[0].length;
    return Number(long[1] ?? long[2]);
  }

  function ringBond(reader, query, open, label, atom, bond) {
    if (!open.has(label)) {
      open.set(label, [atom, bond]);
      return;
    }
    const [other, before] = open.get(label);
    open.delete(label);
    if (other === atom) reader.refuse(`ring ${label} joins an atom to itself`);
    if (query.bonds.some(([a, b]) => (a === other && b === atom) || (a === atom && b === other))) {
      reader.refuse(`ring ${label} joins two atoms that are joined already`);
    }
    query.bonds.push([other, atom, before ?? bond ?? singleOrAromatic]);
  }

  // ---- matching

  // for each atom in the order of search, from the first: its test, the atom before that it hangs on, bonds to others
  function planned({ atoms, bonds }) {
    const place = new Array(atoms.length).fill(-1);
    const plan = [];
    const add = (atom) => {
      const back = bonds
        .filter(([a, b]) => (a === atom && place[b] >= 0) || (b === atom && place[a] >= 0))
        .map(([a, b, test]) => ({ at: place[a === atom ? b : a], test }));
      place[atom] = plan.length;
      plan.push({ test: atoms[atom], back });
    };
    for (let root = 0; root < atoms.length; root += 1) {
      if (place[root] >= 0) continue;
      add(root);
      for (let grown = true; grown; ) {
        const bond = bonds.find(([a, b]) => place[a] >= 0 !== place[b] >= 0);
        grown = bond !== undefined;
        if (grown) add(place[bond[0]] >= 0 ? bond[1] : bond[0]);
      }
    }
    return plan;
  }

  function isFound(plan, g, first) {
    const chosen = new Int32Array(plan.length).fill(-1);
    const used = new Uint8Array(g.n);
    let steps = 0;
    const bondOf = (a, b) => {
      const i = g.ends[a].indexOf(b);
      return i < 0 ? undefined : g.bonds[a][i];
    };
    const fits = ({ test, back }, atom) =>
      !used[atom] &&
      back.every(({ at, test: holds }) => {
        const bond = bondOf(chosen[at], atom);
        return bond !== undefined && holds(bond);
      }) &&
      test(g, atom);
    const extend = (depth) => {
      if (depth === plan.length) return true;
      const step = plan[depth];
      const from = step.back.length ? g.ends[chosen[step.back[0].at]] : undefined;
      const n = from ? from.length : g.n;
      for (let i = 0; i < n; i += 1) {
        const atom = from ? from[i] : i;
        if (depth === 0 && first !== undefined && atom !== first) continue;
        if ((steps += 1) > MOST_STEPS) throw new Refused("this pattern takes too long to search for");
        if (!fits(step, atom)) continue;
        used[atom] = 1;
        chosen[depth] = atom;
        if (extend(depth + 1)) return true;
        used[atom] = 0;
      }
      return false;
    };
    return extend(0);
  }

  function smarts(text) {
    const reader = new Reader(text.trim());
    if (reader.text.length > 2000) reader.refuse("a pattern of more than 2,000 characters is not read");
    const state = { ignoresStereo: false };
    const plan = planned(chain(reader, state, ""));
    return { matches: (g) => isFound(plan, g), notes: state.ignoresStereo ? ["stereo is not looked at"] : [] };
  }

  globalThis.smarts = Object.assign(smarts, { graph, Refused });
})();
