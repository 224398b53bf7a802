using System.Text.RegularExpressions;

namespace Harima.Core.Tests.House;

/// <summary>Who may call whom: the direction in ARCHITECTURE.md.</summary>
public sealed partial class DirectionTests
{
    // A capability uses only those before it.
    static readonly string[] Order =
    [
        "Faults",
        "Catalogue",
        "Work",
        "Mail",
        "Identity",
        "Storage",
        "Access",
        "Proposals",
        "Workspaces",
        "Samples",
        "Sequences",
        "Registration",
        "BucketConfiguration",
        "Metadata",
        "Extraction",
        "Exchange",
        "Search",
        "Previews",
        "Archives",
        "SciCat",
        "Demo",
    ];

    [Fact]
    public void A_capability_of_Core_uses_only_those_to_its_left()
    {
        var core = Path.Combine(Repository.Root, "src", "Harima.Core");
        var known = Directory
            .GetDirectories(core)
            .Select(Path.GetFileName)
            .Where(name => name is not ("obj" or "bin"))
            .Order();
        Assert.Equal(Order.Order(), known);
        var wrong =
            from file in Repository.SourceFiles("src/Harima.Core")
            let capability = Path.GetRelativePath(core, file).Split('/')[0]
            let at = Array.IndexOf(Order, capability)
            where at >= 0
            from used in UsedNamespace().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
            where Array.IndexOf(Order, used) > at
            select $"{Repository.Relative(file)} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Surfaces_do_not_use_each_other()
    {
        string[] surfaces = ["Gateway", "Api", "Portal", "SciCat"];
        var wrong =
            from surface in surfaces
            from file in Repository.SourceFiles($"src/Harima.Server/{surface}")
            from used in UsedNamespace().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
            where used != surface && surfaces.Contains(used)
            select $"{Repository.Relative(file)} uses {used}";
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Harima.S3")]
    [InlineData("Harima.Imaging")]
    [InlineData("Harima.Rest")]
    public void A_format_library_references_no_project_and_knows_no_domain_word(string project)
    {
        var definition = File.ReadAllText(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
        Assert.DoesNotContain("ProjectReference", definition, StringComparison.Ordinal);
        if (project == "Harima.Rest")
            return;
        var wrong = Repository
            .SourceFiles($"src/{project}")
            .Where(file => DomainWord().IsMatch(File.ReadAllText(file)))
            .Select(Repository.Relative);
        Assert.Empty(wrong);
    }

    [Fact]
    public void There_is_no_room_for_what_has_no_room()
    {
        string[] refused = ["Utils", "Util", "Helpers", "Helper", "Common", "Shared", "Manager", "Misc"];
        var wrong =
            from file in Repository.SourceFiles("src")
            let parts = Repository.Relative(file).Split('/')
            where
                parts.Any(refused.Contains)
                || refused.Any(word => Path.GetFileNameWithoutExtension(file).EndsWith(word, StringComparison.Ordinal))
            select Repository.Relative(file);
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"^\s*using (?:static )?Harima\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex UsedNamespace();

    [GeneratedRegex(@"\b(Proposal|SequenceId|ExperimentLeader)\b")]
    private static partial Regex DomainWord();
}
