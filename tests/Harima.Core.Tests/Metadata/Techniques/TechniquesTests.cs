using Harima.Metadata;

namespace Harima.Core.Tests.Metadata;

public sealed class TechniquesTests
{
    [Theory]
    [InlineData("XAFS", "PaNET01197")]
    [InlineData("xanes", "PaNET01199")]
    [InlineData("EXAFS", "PaNET01198")]
    [InlineData("SAXS", "PaNET01188")]
    [InlineData("PXRD", "PaNET01101")]
    [InlineData("SFX", "PaNET01168")]
    [InlineData("XCT", "PaNET01207")]
    [InlineData("Ｘ線吸収微細構造", "PaNET01197")]
    [InlineData("X線CT", "PaNET01207")]
    [InlineData("x-ray fluorescence", "PaNET2020074")]
    [InlineData("http://purl.org/pan-science/PaNET/PaNET01197", "PaNET01197")]
    [InlineData("panet01197", "PaNET01197")]
    public void A_technique_is_found_by_every_name_in_use(string name, string id) =>
        Assert.Equal(id, Techniques.Find(name)?.Id);

    [Fact]
    public void Narrower_reaches_down_and_never_up()
    {
        var narrower = Techniques.Narrower("PaNET01196");
        Assert.Superset(
            new HashSet<string> { "PaNET01196", "PaNET01197", "PaNET01198", "PaNET01199", "PaNET01321" },
            narrower.ToHashSet()
        );
        Assert.DoesNotContain("PaNET01188", narrower);
        Assert.DoesNotContain("PaNET01054", narrower);
        Assert.Empty(Techniques.Narrower("PaNET99999"));
        Assert.Null(Techniques.Find("no technique"));
        Assert.Contains("XANES", Techniques.NamesOf("PaNET01196"));
    }

    [Fact]
    public void Every_term_above_is_one_and_no_term_is_above_itself()
    {
        Assert.True(Techniques.All.Count > 500);
        var ids = Techniques.All.Select(term => term.Id).ToHashSet();
        Assert.All(Techniques.All, term => Assert.Subset(ids, term.Broader.ToHashSet()));
        Assert.All(
            Techniques.All,
            term => Assert.All(term.Broader, broader => Assert.DoesNotContain(term.Id, Techniques.Broader(broader)))
        );
        // A Japanese label for an id that is none would be silently lost.
        Assert.Equal(37, Techniques.All.Count(term => term.LabelJa is not null));
    }
}
