using Harima.Samples;

namespace Harima.Core.Tests.Samples;

public sealed class ChemicalIdentifiersTests
{
    static IReadOnlyList<IdentifierProblem> Check(string name, string value) =>
        ChemicalIdentifiers.Check(
            System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { [name] = value })
        );

    // Numbers of water, platinum, caffeine, aspirin, silver and cerium dioxide as CAS gives them.
    [Theory]
    [InlineData("7732-18-5", true)]
    [InlineData("7440-06-4", true)]
    [InlineData("58-08-2", true)]
    [InlineData("50-78-2", true)]
    [InlineData("7440-22-4", true)]
    [InlineData("1306-38-3", true)]
    [InlineData("7732-18-4", false)]
    [InlineData("7732-81-5", false)]
    [InlineData("7440-6-4", false)]
    [InlineData("7440064", false)]
    [InlineData("０７４４０-06-4", false)]
    public void A_cas_number_has_its_form_and_check_digit(string number, bool isRight) =>
        Assert.Equal(isRight, Check("CAS_number", number).Count == 0);

    // From the InChI technical manual and PubChem: water, ethanol, caffeine, L-alanine, a proton, deuterated water, sodium chloride.
    [Theory]
    [InlineData("InChI=1S/H2O/h1H2", true)]
    [InlineData("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3", true)]
    [InlineData("InChI=1S/C8H10N4O2/c1-10-4-9-6-5(10)7(13)12(3)8(14)11(6)2/h4H,1-3H3", true)]
    [InlineData("InChI=1S/C3H7NO2/c1-2(4)3(5)6/h2H,4H2,1H3,(H,5,6)/t2-/m0/s1", true)]
    [InlineData("InChI=1S/p+1", true)]
    [InlineData("InChI=1S/H2O/h1H2/i/hD2", true)]
    [InlineData("InChI=1S/ClH.Na/h1H;/q;+1/p-1", true)]
    [InlineData("InChI=2S/H2O/h1H2", false)]
    [InlineData("1S/H2O/h1H2", false)]
    [InlineData("InChI=1S/h2o/h1H2", false)]
    [InlineData("InChI=1S/H2O/h1H2/h1H2", false)]
    [InlineData("InChI=1S/H2O/x1H2", false)]
    [InlineData("InChI=1S/H2O/", false)]
    public void An_inchi_has_its_prefix_and_layers(string inchi, bool isRight) =>
        Assert.Equal(isRight, Check("inchi", inchi).Count == 0);

    // Examples of the OpenSMILES specification, and slips in them.
    [Theory]
    [InlineData("CCO", true)]
    [InlineData("C1=CC=CC=C1", true)]
    [InlineData("c1ccccc1C(=O)O", true)]
    [InlineData("CN1C=NC2=C1C(=O)N(C)C(=O)N2C", true)]
    [InlineData("N[C@@H](C)C(=O)O", true)]
    [InlineData("[Na+].[Cl-]", true)]
    [InlineData("[13CH4]", true)]
    [InlineData("F/C=C/F", true)]
    [InlineData("C%12CCCCC%12", true)]
    [InlineData("[Pt]", true)]
    [InlineData("O=[Ce]=O", true)]
    [InlineData("[Fe+++]", true)]
    [InlineData("C1CCCCC", false)]
    [InlineData("CC(C", false)]
    [InlineData("CC)C", false)]
    [InlineData("CC()C", false)]
    [InlineData("[NaCl]", false)]
    [InlineData("[Na+", false)]
    [InlineData("Pt", false)]
    [InlineData("CeO2", false)]
    [InlineData("C C", false)]
    [InlineData("1CC1", false)]
    public void A_smiles_closes_what_it_opens_and_has_only_atoms_and_bonds(string smiles, bool isRight) =>
        Assert.Equal(isRight, Check("SMILES", smiles).Count == 0);

    [Theory]
    [InlineData("XLYOFNOQVPJJNP-UHFFFAOYSA-N", true)]
    [InlineData("XLYOFNOQVPJJNP-UHFFFAOYSA", false)]
    public void An_inchi_key_has_its_three_parts(string key, bool isRight) =>
        Assert.Equal(isRight, Check("inchi_key", key).Count == 0);

    [Fact]
    public void A_slip_is_told_with_its_place_wherever_it_stands()
    {
        const string Json = """
            {
              "names": ["銀箔"],
              "parts": [ { "n": [1, 2] }, { "identifiers": { "cas": "7440-22-5" } } ]
            }
            """;
        var problem = Assert.Single(ChemicalIdentifiers.Check(Json));
        Assert.Equal("$.parts[1].identifiers.cas", problem.Path);
        Assert.Equal("7440-22-5", Json.Split('\n')[problem.Line - 1][problem.Column..(problem.Column + 9)]);
        Assert.Contains("would be 4", problem.Message, StringComparison.Ordinal);
        Assert.Empty(ChemicalIdentifiers.Check("{ no json"));
        Assert.Empty(ChemicalIdentifiers.Check("""{"description": "CC)C", "cas": null, "smiles": ""}"""));
    }
}
