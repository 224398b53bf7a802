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

    [Theory]
    [InlineData("小角X線散乱", "SAXS")]
    [InlineData("Ｘ線小角散乱", "SAXS")]
    [InlineData("広角X線散乱", "WAXS")]
    [InlineData("斜入射小角X線散乱", "GISAXS")]
    [InlineData("X線吸収分光", "XAS")]
    [InlineData("光電子分光", "PES")]
    [InlineData("角度分解光電子分光", "ARPES")]
    [InlineData("雰囲気X線光電子分光", "ambient pressure x-ray photoelectron spectroscopy")]
    [InlineData("共鳴非弾性X線散乱", "RIXS")]
    [InlineData("光電子顕微鏡", "PEEM")]
    [InlineData("X線磁気円二色性", "XMCD")]
    [InlineData("核共鳴散乱", "nuclear resonant scattering-based techniques")]
    [InlineData("単結晶X線構造解析", "SXRD")]
    [InlineData("タンパク質結晶構造解析", "MX")]
    [InlineData("多波長異常分散法", "MAD")]
    [InlineData("タイコグラフィ", "ptychography")]
    [InlineData("分散型XAFS", "EDE")]
    [InlineData("フーリエ変換赤外分光法", "FTIR")]
    [InlineData("中性子小角散乱", "SANS")]
    public void A_Japanese_name_and_an_English_one_are_the_same_technique(string japanese, string english) =>
        Assert.Equal(Techniques.Find(english)!.Id, Techniques.Find(japanese)?.Id);

    /// <summary>A name that two terms share would find the one that stands first, and the other never.</summary>
    [Fact]
    public void Every_Japanese_label_finds_its_own_term_as_typed_and_as_the_search_folds_it()
    {
        var labelled = Techniques.All.Where(term => term.LabelJa is not null).ToList();
        Assert.Equal(labelled.Count, labelled.Select(term => term.LabelJa).Distinct().Count());
        Assert.All(labelled, term => Assert.Equal(term.Id, Techniques.Find(term.LabelJa!)?.Id));
        Assert.All(
            labelled,
            term =>
                Assert.Contains(
                    Harima.Search.Text.TextFolding.Fold(term.Label),
                    Harima.Search.TechniqueTerms.AndNarrower(Harima.Search.Text.TextFolding.Fold(term.LabelJa!))
                )
        );
    }

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
        Assert.Equal(241, Techniques.All.Count(term => term.LabelJa is not null));
    }
}
