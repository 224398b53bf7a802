using System.Text.Json;

namespace Harima.Storage;

/// <summary>How settings are written down.</summary>
static class Documents
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text)!;
}
