// Who signs in at the identity provider of the tests, and what it says of them.
const attribute = (id) => ({ id, optional: false, displayName: id, description: "", multiValue: false });

module.exports = {
  user: {
    userName: "employee-7",
    nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    email: "ana@acme.test",
    displayName: "Ana Arden",
  },
  metadata: ["email", "displayName"].map(attribute),
};
