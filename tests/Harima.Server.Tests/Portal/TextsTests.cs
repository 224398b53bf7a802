using System.Globalization;

namespace Harima.Portal;

public sealed class TextsTests
{
    readonly Texts _texts = new();

    [Fact]
    public void Japanese_and_English_have_the_same_keys()
    {
        var english = _texts.Keys(CultureInfo.InvariantCulture);
        var japanese = _texts.Keys(new CultureInfo("ja"));

        Assert.NotEmpty(english);
        Assert.Equal(english, japanese);
    }

    [Fact]
    public void A_translation_speaks_of_the_same_values()
    {
        var unequal = _texts
            .Keys(CultureInfo.InvariantCulture)
            .Where(key => !Values(In("en", key)).SetEquals(Values(In("ja", key))))
            .ToList();

        Assert.Empty(unequal);
    }

    string In(string language, string key)
    {
        CultureInfo.CurrentUICulture = new CultureInfo(language);
        return _texts[key];
    }

    /// <summary>The names in braces.</summary>
    static HashSet<string> Values(string text) => [.. text.Split('{').Skip(1).Select(rest => rest.Split('}')[0])];
}
