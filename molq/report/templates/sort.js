for (const table of document.querySelectorAll("table.sortable"))
  table.querySelectorAll("thead th").forEach((head, column) => {
    const text = (row) => row.cells[column].innerText;
    const number = (row) => Number.parseFloat(text(row).replaceAll(",", "").replaceAll("−", "-"));
    const sort = () => {
      const rows = [...table.tBodies[0].rows];
      const isText = rows.every((row) => Number.isNaN(number(row)));
      const falls = head.ariaSort ? head.ariaSort === "ascending" : !isText;
      for (const other of table.querySelectorAll("thead th")) other.ariaSort = null;
      head.ariaSort = falls ? "descending" : "ascending";
      const sign = falls ? -1 : 1;
      const compare = (a, b) => {
        if (isText) return sign * text(a).localeCompare(text(b));
        const [x, y] = [number(a), number(b)];
        return Number.isNaN(x) || Number.isNaN(y) ? Number.isNaN(x) - Number.isNaN(y) : sign * (x - y);
      };
      table.tBodies[0].append(...rows.sort(compare));
    };
    head.tabIndex = 0;
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => event.key === "Enter" && sort());
  });
