// molblock(sketch, name): a mol block (V2000) of molq.chem.sketch; sdf(records) a file of them with their data.
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

  function molblock(sketch, name = "") {
    const n = sketch.z.length;
    const lines = [oneLine(name).slice(0, 80), "     molq           2D", ""];
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
    lines.push(...properties("RAD", Object.fromEntries(radicals.filter(([, kind]) => kind))), "M  END", "");
    return lines.join("\n");
  }

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
