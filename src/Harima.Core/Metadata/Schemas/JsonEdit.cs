using System.Text;
using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>
/// Changes one value of a document's text and leaves every other byte as it is: somebody chose those spaces and those zeros
/// behind the point.
/// </summary>
public static class JsonEdit
{
    /// <param name="path">As in <see cref="SchemaProblem.Path"/>; a name that meets a list goes into each of its items.</param>
    /// <param name="value">JSON, or null to remove what is there.</param>
    /// <returns>The changed text; the same where there is nothing to change; null where the path is none or crosses a value that is no object.</returns>
    public static string? Apply(string json, string path, string? value)
    {
        if (JsonPlaces.TryParse(path) is not { } steps)
            return null;
        var root = PlacedJson.Parse(json);
        var edits = new List<(int Start, int End, string Text)>();
        if (!Collect(root, steps, 0, value, edits, root))
            return null;
        var bytes = Encoding.UTF8.GetBytes(json).AsSpan();
        var result = new StringBuilder();
        var at = 0;
        foreach (var (start, end, text) in edits.OrderBy(edit => edit.Start))
        {
            if (start < at)
                continue;
            result.Append(Encoding.UTF8.GetString(bytes[at..start])).Append(text);
            at = end;
        }
        return result.Append(Encoding.UTF8.GetString(bytes[at..])).ToString();
    }

    static bool Collect(
        PlacedJson node,
        IReadOnlyList<PathStep> steps,
        int at,
        string? value,
        List<(int, int, string)> edits,
        PlacedJson root
    )
    {
        if (at == steps.Count)
        {
            if (value is not null && Encoding.UTF8.GetString(node.Bytes) != value)
                edits.Add((node.Start, node.End, value));
            return true;
        }
        var step = steps[at];
        if (step.Name is null)
        {
            if (node.Kind != JsonValueKind.Array)
                return value is null;
            if (step.Index < node.Items.Count)
            {
                if (value is null && at == steps.Count - 1)
                    RemoveItem(node, step.Index, edits);
                else
                    return Collect(node.Items[step.Index], steps, at + 1, value, edits, root);
                return true;
            }
            if (value is null)
                return true;
            if (step.Index > node.Items.Count)
                return false;
            Append(
                node,
                node.Items.Count == 0 ? null : (node.Items[^1].Start, node.Items[^1].End),
                Built(steps, at + 1, value),
                edits,
                root
            );
            return true;
        }
        if (node.Kind == JsonValueKind.Array)
        {
            foreach (var item in node.Items)
                if (!Collect(item, steps, at, value, edits, root))
                    return false;
            return true;
        }
        if (node.Kind != JsonValueKind.Object)
            return value is null;
        var place = -1;
        for (var n = 0; n < node.Members.Count; n++)
            if (node.Members[n].Name == step.Name)
                place = n;
        if (place >= 0 && value is null && at == steps.Count - 1)
        {
            RemoveMember(node, place, edits);
            return true;
        }
        if (place >= 0)
            return Collect(node.Members[place].Value, steps, at + 1, value, edits, root);
        if (value is null)
            return true;
        var text = JsonText.Of(step.Name) + ": " + Built(steps, at + 1, value);
        Append(
            node,
            node.Members.Count == 0 ? null : (node.Members[^1].NameStart, node.Members[^1].Value.End),
            text,
            edits,
            root
        );
        return true;
    }

    /// <summary>The value with the objects around it that are not there yet.</summary>
    static string Built(IReadOnlyList<PathStep> steps, int from, string value)
    {
        var text = value;
        for (var n = steps.Count - 1; n >= from; n--)
            text = steps[n].Name is { } name ? $"{{ {JsonText.Of(name)}: {text} }}" : $"[{text}]";
        return text;
    }

    static void Append(
        PlacedJson parent,
        (int Start, int End)? last,
        string text,
        List<(int, int, string)> edits,
        PlacedJson root
    )
    {
        if (last is not { } neighbour)
        {
            edits.Add((parent.Start + 1, parent.End - 1, text));
            return;
        }
        // As the neighbour before it stands: on a line of its own, or beside.
        var before = root.TextBefore(neighbour.Start);
        var gap = before.Contains('\n') ? before[before.LastIndexOf('\n')..] : " ";
        edits.Add((neighbour.End, neighbour.End, "," + gap + text));
    }

    static void RemoveMember(PlacedJson parent, int n, List<(int, int, string)> edits)
    {
        var members = parent.Members;
        if (n + 1 < members.Count)
            edits.Add((members[n].NameStart, members[n + 1].NameStart, ""));
        else if (n > 0)
            edits.Add((members[n - 1].Value.End, members[n].Value.End, ""));
        else
            edits.Add((parent.Start + 1, parent.End - 1, ""));
    }

    static void RemoveItem(PlacedJson parent, int n, List<(int, int, string)> edits)
    {
        var items = parent.Items;
        if (n + 1 < items.Count)
            edits.Add((items[n].Start, items[n + 1].Start, ""));
        else if (n > 0)
            edits.Add((items[n - 1].End, items[n].End, ""));
        else
            edits.Add((parent.Start + 1, parent.End - 1, ""));
    }
}

/// <summary>JSON as people write it: Japanese is not escaped.</summary>
static class JsonText
{
    static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(string text) => JsonSerializer.Serialize(text, AsWritten);
}
