using Harima.Search.Text;

namespace Harima.Core.Tests.Search.Text;

public sealed class TextTokensTests
{
    static string Shown(string text) =>
        string.Join(' ', TextTokens.Cut(text).Select(token => $"{token.Text}@{token.Position}"));

    [Theory]
    [InlineData("BL14B2", "bl14b2@0")]
    [InlineData("ＢＬ１４Ｂ２", "bl14b2@0")]
    [InlineData("LiNi0.8Co0.1Mn0.1O2", "lini0.8co0.1mn0.1o2@0")]
    [InlineData("Ag-foil", "ag@0 foil@1")]
    [InlineData("TEC10E50E_H_0001.csv", "tec10e50e@0 h@1 0001@2 csv@3")]
    [InlineData("foils", "foils@0 foil@0")]
    [InlineData("batteries", "batteries@0 battery@0")]
    [InlineData("gas glass focus", "gas@0 glass@1 focus@2")]
    [InlineData("LiCoS2", "licos2@0")]
    [InlineData("触媒", "触媒@0 媒@1")]
    [InlineData("白金触媒の劣化", "白金@0 金触@1 触媒@2 媒の@3 の劣@4 劣化@5 化@6")]
    [InlineData("ﾁﾀﾝ酸", "チタ@0 タン@1 ン酸@2 酸@3")]
    [InlineData("ニッケル・コバルト", "ニッ@0 ッケ@1 ケル@2 ル@3 コバ@4 バル@5 ルト@6 ト@7")]
    [InlineData("X線吸収", "x@0 線吸@1 吸収@2 収@3")]
    [InlineData("㎜ Å", "mm@0 å@1")]
    [InlineData("café", "café@0")]
    [InlineData("", "")]
    public void Text_is_cut_as_readers_look_for_it(string text, string expected) => Assert.Equal(expected, Shown(text));

    [Fact]
    public void Broken_surrogates_and_very_long_words_do_no_harm()
    {
        Assert.Empty(TextTokens.Cut("\ud800"));
        Assert.Empty(TextTokens.Cut(new string('a', 5_000)));
        Assert.Equal("𠮷野@0 野@1", Shown("𠮷野"));
    }

    [Theory]
    [InlineData("金触", "白金触媒")]
    [InlineData("触媒", "白金触媒")]
    [InlineData("カタログ", "ｶﾀﾛｸﾞ")]
    [InlineData("ag foil", "Ag-foil")]
    [InlineData("Ag_foil", "Ag-foil")]
    [InlineData("foils", "silver foil")]
    [InlineData("foil", "silver foils")]
    [InlineData("媒", "触媒")]
    [InlineData("触", "触媒")]
    [InlineData("コンピューター", "スーパーコンピューター")]
    public void A_word_is_found_in_text_that_contains_it(string word, string text) => Assert.True(Contains(text, word));

    [Theory]
    [InlineData("FePO4", "LiFePO4")]
    [InlineData("BL14", "BL14B2")]
    [InlineData("媒触", "触媒")]
    [InlineData("foil ag", "Ag-foil")]
    [InlineData("かたろぐ", "カタログ")]
    public void And_not_in_text_that_does_not(string word, string text) => Assert.False(Contains(text, word));

    static bool Contains(string text, string word)
    {
        var tokens = TextTokens.Cut(text);
        var asked = TextTokens.ForQuery(word);
        return tokens.Any(start =>
            asked
                .Select((token, n) => (token, n))
                .All(pair =>
                    tokens.Any(at =>
                        at.Position == start.Position + pair.n
                        && (
                            pair.token.IsPrefix
                                ? at.Text.StartsWith(pair.token.Text, StringComparison.Ordinal)
                                : at.Text == pair.token.Text || at.Text == pair.token.Or
                        )
                    )
                )
        );
    }
}

public sealed class ChemicalFormulaTests
{
    [Theory]
    [InlineData("LiFePO4", "Li Fe P O")]
    [InlineData("Li(Ni0.8Co0.1Mn0.1)O2", "Li Ni Co Mn O")]
    [InlineData("CuSO4·5H2O", "Cu S O H")]
    [InlineData("La1-xSrxMnO3", "La Sr Mn O")]
    [InlineData("Pt/C", "Pt C")]
    [InlineData("CO", "C O")]
    [InlineData("Co", "Co")]
    [InlineData("ＦｅＯ", "Fe O")]
    [InlineData("Ag-foil", "")]
    [InlineData("water", "")]
    [InlineData("(NH4", "")]
    [InlineData("", "")]
    public void Elements_of_a_formula(string formula, string expected) =>
        Assert.Equal(expected, string.Join(' ', ChemicalFormula.ElementsOf(formula)));

    [Theory]
    [InlineData("鉄箔", "Fe")]
    [InlineData("鉄", "Fe")]
    [InlineData("Platinum foil", "Pt")]
    [InlineData("Ag-foil", "Ag")]
    [InlineData("酸化チタン", "Ti")]
    [InlineData("酸化亜鉛", "Zn")]
    [InlineData("白金担持カーボン", "Pt")]
    [InlineData("LiCoO2 正極", "Li Co O")]
    [InlineData("アルミ合金", "")]
    [InlineData("黒鉛", "")]
    [InlineData("鉄道レール", "")]
    [InlineData("In situ cell As received", "")]
    [InlineData("プリン", "")]
    public void Elements_named_in_a_name(string name, string expected) =>
        Assert.Equal(expected, string.Join(' ', ChemicalFormula.ElementsNamedIn(name)));

    [Theory]
    [InlineData("Ag K-edge", "Ag")]
    [InlineData("Pt L3", "Pt")]
    [InlineData("Fe-K", "Fe")]
    [InlineData("K-edge", null)]
    public void Element_of_an_edge(string edge, string? expected) =>
        Assert.Equal(expected, ChemicalFormula.ElementOfEdge(edge));

    [Theory]
    [InlineData("fe", "Fe")]
    [InlineData("FE", "Fe")]
    [InlineData("鉄", "Fe")]
    [InlineData("iron", "Fe")]
    [InlineData("ﾁﾀﾝ", "Ti")]
    [InlineData("珪素", "Si")]
    [InlineData("unobtainium", null)]
    public void An_element_has_a_symbol_and_names_in_both_languages(string text, string? expected) =>
        Assert.Equal(expected, Elements.Find(text)?.Symbol);

    [Fact]
    public void There_are_118_of_them_with_names_of_their_own()
    {
        Assert.Equal(118, Elements.All.Count);
        Assert.Equal(Enumerable.Range(1, 118), Elements.All.Select(element => element.Number));
    }
}
