using Harima.Search;

namespace Harima.Core.Tests.Search;

public sealed class TechniqueTermsTests
{
    [Theory]
    [InlineData("xas", "xanes")]
    [InlineData("xas", "exafs")]
    [InlineData("xafs", "xanes")]
    public void A_technique_includes_what_is_narrower(string asked, string narrower)
    {
        var terms = TechniqueTerms.AndNarrower(asked);
        Assert.Equal(asked, terms[0]);
        Assert.Contains(narrower, terms);
        Assert.DoesNotContain("saxs", terms);
    }

    [Fact]
    public void A_narrow_technique_does_not_include_what_is_broader()
    {
        Assert.DoesNotContain("xas", TechniqueTerms.AndNarrower("xanes"));
    }

    [Fact]
    public void What_the_vocabulary_does_not_know_is_itself()
    {
        Assert.Equal(["our own method"], TechniqueTerms.AndNarrower("our own method"));
    }
}
