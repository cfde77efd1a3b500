for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (row, column) => {
    const shown = text(row, column).replaceAll(",", "").replaceAll("−", "-");
    const found = /^[+-]?(\d+\.?\d*|\.\d+)(e-?\d+)?(?=$|[\s%×[(–])/.exec(shown);
    return found ? Number(found[0]) : shown === "exact" ? Infinity : NaN;
  };
  heads.forEach((head, column) => {
    if ([...table.tBodies[0].rows].every((row) => !text(row, column))) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rows = [...table.tBodies[0].rows];
      const isText = rows.every((row) => Number.isNaN(number(row, column)));
      const falls = head.ariaSort ? head.ariaSort === "ascending" : !isText;
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = falls ? "descending" : "ascending";
      const sign = falls ? -1 : 1;
      const compare = (a, b) => {
        if (isText) return sign * text(a, column).localeCompare(text(b, column), "en", { numeric: true });
        const [x, y] = [number(a, column), number(b, column)];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return x === y ? 0 : sign * (x < y ? -1 : 1);
      };
      table.tBodies[0].append(...rows.sort(compare));
    });
  });
}
