using System.Text.Json;

namespace Harima.Storage;

/// <summary>A label on a version of a file, for programs; the meaning is the owner's.</summary>
public sealed record FileTag(string Key, string Value)
{
    internal static IReadOnlyList<FileTag> Read(string? json) =>
        json is null
            ? []
            : [.. JsonSerializer.Deserialize<string[][]>(json)!.Select(pair => new FileTag(pair[0], pair[1]))];

    internal static string? Write(IReadOnlyList<FileTag>? tags) =>
        tags is null or { Count: 0 }
            ? null
            : JsonSerializer.Serialize(tags.Select(tag => new[] { tag.Key, tag.Value }));
}
