// The library among which scores are placed: `{name, rows}`, null until the server has scored it.

let library = null;

export const reference = () => library;

export const setReference = (found) => (library = found);
