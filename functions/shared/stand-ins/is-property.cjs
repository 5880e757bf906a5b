// Stands in for the package of this name in the bundles (template.yaml, Alias). What mysql2 generates writes a column's name after a
// dot if this says so, and as a text in brackets otherwise. The package knows every letter of Unicode, in 11 KB; ASCII will do.
module.exports = (name) => /^[$A-Za-z_][$\w]*$/.test(name);
