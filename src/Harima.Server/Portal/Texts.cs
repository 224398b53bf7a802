using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal;

/// <summary>Every word the portal shows, in the language of the request (<c>Texts.resx</c>, <c>Texts.ja.resx</c>).</summary>
sealed class Texts
{
    readonly ResourceManager _resources = new("Harima.Portal.Texts", typeof(Texts).Assembly);

    /// <summary>The text; a missing key shows itself, so that it is noticed.</summary>
    public string this[string key] => Find(key) ?? key;

    public string this[string key, params object?[] values] =>
        string.Format(CultureInfo.CurrentCulture, this[key], values);

    /// <summary>"1 file", "1,234 files".</summary>
    public string Files(long count) => this[count == 1 ? "FileCount.One" : "FileCount", Show.Count(count)];

    /// <summary>The text, or null where there is none.</summary>
    public string? Find(string key) => _resources.GetString(key, CultureInfo.CurrentUICulture);

    /// <summary>What an island needs: the keys that begin with <paramref name="section"/>, without it, as JSON for a script element.</summary>
    /// <param name="also">Further sections, and the name their keys begin with instead.</param>
    public MarkupString Island(string section, params (string Section, string As)[] also)
    {
        var texts = Of(section, "")
            .Concat(also.SelectMany(more => Of(more.Section, more.As + ".")))
            .ToDictionary(StringComparer.Ordinal);
        // The default encoder escapes '<' and '&', so no text can end the script element.
        return new MarkupString($"<script type=\"application/json\">{JsonSerializer.Serialize(texts)}</script>");
    }

    IEnumerable<KeyValuePair<string, string>> Of(string section, string prefix) =>
        Keys(CultureInfo.InvariantCulture)
            .Where(key => key.StartsWith(section + ".", StringComparison.Ordinal))
            .Select(key => KeyValuePair.Create(prefix + key[(section.Length + 1)..], this[key]));

    internal IReadOnlyList<string> Keys(CultureInfo culture)
    {
        var set = _resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false);
        return set is null
            ? []
            : [.. set.Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Order(StringComparer.Ordinal)];
    }
}
