"use strict";
(() => {
  const all = (query) => Array.from(document.querySelectorAll(query));
  const picked = { subject: "", person: "", effect: "" };
  const fits = (element) => Object.entries(picked).every(([name, wanted]) =>
    wanted === "" || (element.dataset[name] || "").split(" ").includes(wanted));
  const show = () => {
    const steps = all("li[data-item]");
    for (const item of all("[data-item]")) item.hidden = !fits(item);
    for (const group of all("[data-group]")) group.hidden = !group.querySelector("[data-item]:not([hidden])");
    for (const node of all("[data-node]")) node.classList.toggle("off", !fits(node));
    const left = steps.filter((item) => !item.hidden).length;
    document.getElementById("count").textContent = left + " of " + steps.length + " entries are shown.";
  };
  for (const select of all("select[data-pick]")) {
    select.addEventListener("change", () => { picked[select.dataset.pick] = select.value; show(); });
  }
  for (const button of all("button[data-pick]")) {
    button.addEventListener("click", () => {
      picked[button.dataset.pick] = button.value;
      for (const other of all("button[data-pick]")) other.setAttribute("aria-pressed", String(other === button));
      show();
    });
  }
  document.documentElement.classList.add("js");
  show();
})();
