"use strict";
// How parts of a page are made. Whatever comes from strangers is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

const count = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en-US"));
const counted = (value, one, many) => `${count(value)} ${value === 1 ? one : (many ?? one + "s")}`;

/** An element with attributes, listeners (`onclick`) and children, which are elements or text. */
function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of a picture. */
function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
