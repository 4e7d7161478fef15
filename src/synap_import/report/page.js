"use strict";
// Finds records by what is written of them. Without it all of them are there to be read.
const form = document.querySelector(".filter");
if (form) {
  const input = form.querySelector("input");
  const said = form.querySelector("output");
  const records = [...document.querySelectorAll(".records > li")];
  const words = records.map((record) => record.textContent.toLowerCase());
  const groups = [...document.querySelectorAll(".reason")];
  const wereOpen = groups.map((group) => group.open);
  const find = () => {
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    records.forEach((record, index) => {
      record.hidden = !words[index].includes(wanted);
      found += record.hidden ? 0 : 1;
    });
    groups.forEach((group, index) => {
      const matches = group.querySelector(".records > li:not([hidden])") !== null;
      group.hidden = wanted !== "" && !matches;
      group.open = wanted === "" ? wereOpen[index] : matches;
    });
    said.textContent = wanted === "" ? "" : `${found.toLocaleString("en")} of ${records.length.toLocaleString("en")} listed`;
  };
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}
