using System.Text;
using System.Text.Json;
using Harima.Metadata.Schemas;

namespace Harima.Metadata;

public enum DifferenceKind
{
    Added,
    Removed,
    Changed,
}

/// <summary>One value that differs between two texts.</summary>
/// <param name="Path">With places in lists: <c>$.sample[0].name</c>.</param>
/// <param name="Before">As it was written; null where it was not there.</param>
public sealed record MetadataDifference(string Path, DifferenceKind Kind, string? Before, string? After);

/// <summary>What changed between two texts of a document, value by value.</summary>
public static class MetadataDiff
{
    /// <returns>Empty where only white space or the order of names differs.</returns>
    public static IReadOnlyList<MetadataDifference> Of(string? before, string? after)
    {
        var differences = new List<MetadataDifference>();
        Compare(Tree(before), Tree(after), "$", differences);
        return differences;
    }

    /// <summary>Nothing and the empty object differ in no value.</summary>
    static PlacedJson Tree(string? json) => PlacedJson.Parse(json ?? "{}");

    static void Compare(PlacedJson before, PlacedJson after, string path, List<MetadataDifference> differences)
    {
        if (before.Kind == JsonValueKind.Object && after.Kind == JsonValueKind.Object)
        {
            foreach (var member in before.Members)
                if (after.Find(member.Name) is { } other)
                    Compare(member.Value, other, path + JsonPlaces.Segment(member.Name), differences);
                else
                    Leaves(member.Value, path + JsonPlaces.Segment(member.Name), DifferenceKind.Removed, differences);
            foreach (var member in after.Members.Where(member => before.Find(member.Name) is null))
                Leaves(member.Value, path + JsonPlaces.Segment(member.Name), DifferenceKind.Added, differences);
            return;
        }
        if (before.Kind == JsonValueKind.Array && after.Kind == JsonValueKind.Array)
        {
            for (var n = 0; n < Math.Max(before.Items.Count, after.Items.Count); n++)
            {
                var at = FormattableString.Invariant($"{path}[{n}]");
                if (n >= after.Items.Count)
                    Leaves(before.Items[n], at, DifferenceKind.Removed, differences);
                else if (n >= before.Items.Count)
                    Leaves(after.Items[n], at, DifferenceKind.Added, differences);
                else
                    Compare(before.Items[n], after.Items[n], at, differences);
            }
            return;
        }
        // 8.0 became 8.00: for a reader of numbers nothing, for a measurement how well it is known.
        if (Written(before) != Written(after))
            differences.Add(new MetadataDifference(path, DifferenceKind.Changed, Written(before), Written(after)));
    }

    static void Leaves(PlacedJson value, string path, DifferenceKind kind, List<MetadataDifference> differences)
    {
        if (value.Members.Count > 0)
            foreach (var member in value.Members)
                Leaves(member.Value, path + JsonPlaces.Segment(member.Name), kind, differences);
        else if (value.Items.Count > 0)
            for (var n = 0; n < value.Items.Count; n++)
                Leaves(value.Items[n], FormattableString.Invariant($"{path}[{n}]"), kind, differences);
        else
            differences.Add(
                kind == DifferenceKind.Removed
                    ? new MetadataDifference(path, kind, Written(value), null)
                    : new MetadataDifference(path, kind, null, Written(value))
            );
    }

    static string Written(PlacedJson value) =>
        value.Kind == JsonValueKind.String ? JsonText.Of(value.Text) : Encoding.UTF8.GetString(value.Bytes);
}
