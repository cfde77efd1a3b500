// molblock(sketch, name): a mol block of molq.chem.sketch, of version 3000 where 2000 cannot hold it; sdf(records) a file
// of them with their data.
(() => {
  "use strict";
  const SYMBOLS = (
    "* H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo " +
    "Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl " +
    "Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
  ).split(" ");
  const RADICALS = [0, 2, 3]; // unpaired electrons → doublet, triplet
  // one line that neither ends a record nor begins a field
  const oneLine = (text) => String(text ?? "").replace(/[\r\n]+/g, " ").replace(/^(?=\$\$\$\$|>)/, " ");
  const right = (value, width) => String(value).padStart(width);

  const DATIVE = 9;
  const MOST = 999; // atoms or bonds of version 2000
  const FROM_2000 = { 1: 1, 3: 2, 4: 2, 6: 3 }; // stereo of a bond, as the versions number it

  function molblock(sketch, name = "") {
    const head = [oneLine(name).slice(0, 80), "     molq           2D", ""];
    const isLarge = sketch.z.length > MOST || sketch.b.length / 3 > MOST;
    const isNew = isLarge || sketch.b.some((bond, i) => i % 3 === 2 && (bond & 15) >= DATIVE);
    return [...head, ...(isNew ? version3000 : version2000)(sketch), "M  END", ""].join("\n");
  }

  function version3000(sketch) {
    const valence = { 15: -1 }; // none
    const atoms = sketch.z.map((z, i) => {
      const given = [["CHG", sketch.q?.[i]], ["RAD", RADICALS[sketch.e?.[i]]], ["MASS", sketch.i?.[i]],
        ["VAL", valence[sketch.v?.[i]] ?? sketch.v?.[i]]];
      const place = [sketch.x[i], sketch.y[i]].map((hundredths) => (hundredths / 100).toFixed(4));
      return [i + 1, SYMBOLS[z], ...place, "0 0", ...fields(given)].join(" ");
    });
    const bonds = [];
    for (let i = 0; i < sketch.b.length; i += 3) {
      const [a, b, bond] = sketch.b.slice(i, i + 3);
      bonds.push([i / 3 + 1, bond & 15, a + 1, b + 1, ...fields([["CFG", FROM_2000[bond >> 6]]])].join(" "));
    }
    const counts = `COUNTS ${atoms.length} ${bonds.length} 0 0 0`;
    const body = ["BEGIN CTAB", counts, "BEGIN ATOM", ...atoms, "END ATOM", "BEGIN BOND", ...bonds, "END BOND", "END CTAB"];
    return ["  0  0  0  0  0  0  0  0  0  0999 V3000", ...body.map((line) => `M  V30 ${line}`)];
  }

  function version2000(sketch) {
    const n = sketch.z.length;
    const lines = [];
    lines.push(`${right(n, 3)}${right(sketch.b.length / 3, 3)}  0  0  0  0  0  0  0  0999 V2000`);
    const place = (hundredths) => right((hundredths / 100).toFixed(4), 10);
    for (let i = 0; i < n; i += 1) {
      const valence = right(sketch.v?.[i] ?? 0, 3);
      lines.push(
        `${place(sketch.x[i])}${place(sketch.y[i])}    0.0000 ${SYMBOLS[sketch.z[i]].padEnd(3)} 0  0  0  0  0${valence}  0  0  0  0  0  0`,
      );
    }
    for (let i = 0; i < sketch.b.length; i += 3) {
      const [a, b, bond] = sketch.b.slice(i, i + 3);
      lines.push([a + 1, b + 1, bond & 15, bond >> 6].map((number) => right(number, 3)).join(""));
    }
    lines.push(...properties("CHG", sketch.q), ...properties("ISO", sketch.i));
    const radicals = Object.entries(sketch.e ?? {}).map(([atom, electrons]) => [atom, RADICALS[electrons]]);
    lines.push(...properties("RAD", Object.fromEntries(radicals.filter(([, kind]) => kind))));
    return lines;
  }

  const fields = (given) => given.filter(([, value]) => value).map(([name, value]) => `${name}=${value}`);

  // at most eight atoms on a line
  function properties(kind, values) {
    const pairs = Object.entries(values ?? {});
    const lines = [];
    for (let i = 0; i < pairs.length; i += 8) {
      const some = pairs.slice(i, i + 8);
      const cells = some.map(([atom, value]) => ` ${right(Number(atom) + 1, 3)} ${right(value, 3)}`);
      lines.push(`M  ${kind}${right(some.length, 3)}${cells.join("")}`);
    }
    return lines;
  }

  // without what would end a name, and no two alike
  function named(data) {
    const used = new Set();
    return data.map(([name, value]) => {
      let free = oneLine(name).trim().replace(/[<>]/g, "_");
      while (used.has(free)) free += "_";
      used.add(free);
      return [free, value];
    });
  }

  // records: {sketch, name, data: [[field, value]]}
  function sdf(records) {
    const field = ([name, value]) => `>  <${name}>\n${oneLine(value)}\n\n`;
    const given = ([, value]) => value !== null && value !== undefined && value !== "";
    return records
      .map(({ sketch, name, data }) => `${molblock(sketch, name)}${named(data).filter(given).map(field).join("")}$$$$\n`)
      .join("");
  }

  globalThis.molblock = Object.assign(molblock, { sdf });
})();
