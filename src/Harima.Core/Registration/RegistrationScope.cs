using Dapper;
using Harima.Storage;

namespace Harima.Registration;

/// <summary>What somebody may register, and which registrations exist for them.</summary>
/// <param name="Roots">Below these folders.</param>
/// <param name="Own">The folders of their beamlines; null for administrators, for whom all exist.</param>
sealed record RegistrationScope(IReadOnlyList<string> Roots, IReadOnlyList<BeamlineRoot>? Own)
{
    public bool IsAll => Own is null;

    public bool IsNothing => Own is { Count: 0 };

    public bool Contains(string path) => Roots.Any(root => RegisteredFolders.Contains(root, path));

    /// <summary>Whether a tree may be registered into a proposal, and such a registration be seen.</summary>
    public bool Allows(string path, string beamlineId) =>
        Own is null || Own.Any(root => root.BeamlineId == beamlineId && RegisteredFolders.Contains(root.Path, path));

    /// <summary>The condition that a row of <c>registration r</c>, with its <c>proposal p</c>, exists for them. Adds its parameters.</summary>
    public string Condition(DynamicParameters parameters)
    {
        if (Own is null)
            return "TRUE";
        var each = Own.Select(
            (root, n) =>
            {
                parameters.Add($"beamline{n}", root.BeamlineId);
                parameters.Add($"root{n}", root.Path);
                return $"(p.beamline_id = @beamline{n} AND (r.path = @root{n} OR substr(r.path, 1, length(@root{n}) + 1) = @root{n} || '/'))";
            }
        );
        return $"({string.Join(" OR ", each)})";
    }
}
