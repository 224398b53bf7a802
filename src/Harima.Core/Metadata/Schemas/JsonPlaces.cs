using System.Text;

namespace Harima.Metadata.Schemas;

/// <summary>One step of a path: a member's name or an item's place.</summary>
readonly record struct PathStep(string? Name, int Index);

/// <summary>Paths into a document: <c>$.sample[0].name</c>; odd names stand in brackets, <c>$["a.b"]</c>.</summary>
static class JsonPlaces
{
    public static string Segment(string name) =>
        name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '@' or '$')
            ? "." + name
            : "[\""
                + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                + "\"]";

    /// <param name="path">With or without <c>$.</c> before it.</param>
    /// <returns>Null where it is none.</returns>
    public static IReadOnlyList<PathStep>? TryParse(string path)
    {
        var steps = new List<PathStep>();
        var at = path.StartsWith('$') ? 1 : 0;
        var first = true;
        while (at < path.Length)
        {
            if (path[at] == '[')
            {
                if (at + 1 < path.Length && path[at + 1] == '"')
                {
                    if (!Quoted(path, ref at, steps))
                        return null;
                }
                else
                {
                    var end = path.IndexOf(']', at);
                    if (end < 0 || !int.TryParse(path.AsSpan(at + 1, end - at - 1), out var index) || index < 0)
                        return null;
                    steps.Add(new PathStep(null, index));
                    at = end + 1;
                }
            }
            else
            {
                if (path[at] == '.')
                    at++;
                else if (!first || at == 1)
                    return null;
                var end = path.AsSpan(at).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : at + end;
                if (end == at)
                    return null;
                steps.Add(new PathStep(path[at..end], -1));
                at = end;
            }
            first = false;
        }
        return steps.Count > 0 ? steps : null;
    }

    static bool Quoted(string path, ref int at, List<PathStep> steps)
    {
        var name = new StringBuilder();
        for (var i = at + 2; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 1 < path.Length)
                name.Append(path[++i]);
            else if (path[i] == '"')
            {
                if (i + 1 >= path.Length || path[i + 1] != ']')
                    return false;
                steps.Add(new PathStep(name.ToString(), -1));
                at = i + 2;
                return true;
            }
            else
                name.Append(path[i]);
        }
        return false;
    }
}
