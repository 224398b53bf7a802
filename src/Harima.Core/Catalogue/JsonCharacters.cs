using System.Text.Json;

namespace Harima.Catalogue;

/// <summary>
/// Half a character in an escape (<c>\ud83d</c> without its other half) is JSON, but no reader can make a text of it: whoever reads the
/// name or value later would fail, so it is not let in.
/// </summary>
public static class JsonCharacters
{
    /// <param name="json">JSON in UTF-8.</param>
    /// <returns>False where a name or a text in it has half a character.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool AreWhole(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
            return true;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped)
                    reader.GetString();
            }
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
