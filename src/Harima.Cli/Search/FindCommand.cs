using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Search;

static class FindCommand
{
    const int PageSize = 500;
    static readonly string[] UsualFacets =
    [
        "technique",
        "beamline",
        "proposal",
        "year",
        "element",
        "type",
        "status",
        "owner",
        "visibility",
    ];

    public static Command Build()
    {
        var question = new Argument<string[]>("question")
        {
            Description = "Such as: technique:XAFS 'energy:11.5..12.1keV' NOT status:open. Empty for all",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var sort = new Option<string?>("--sort")
        {
            Description = "A field or metadata path; date (newest first) by default",
        };
        var ascending = new Option<bool>("--ascending") { Description = "Smallest or oldest first" };
        var columns = new Option<string[]>("--columns", "-c")
        {
            Description = "Fields or metadata paths to show, with commas between",
            DefaultValueFactory = _ => [],
        };
        var facets = new Option<bool>("--facets")
        {
            Description = "How many there are of each technique, beamline, element, …",
        };
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 50 };
        var all = new Option<bool>("--all") { Description = "All of them, page by page" };
        var command = new Command("find", "Sequences that answer a question, by words, fields and metadata")
        {
            question,
            sort,
            ascending,
            columns,
            facets,
            limit,
            all,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var request = new SearchRequestDto(
                    string.Join(' ', parsed.GetValue(question) ?? []),
                    Sort: parsed.GetValue(sort),
                    Descending: !parsed.GetValue(ascending),
                    Facets: parsed.GetValue(facets) ? UsualFacets : [],
                    Columns:
                    [
                        .. parsed
                            .GetValue(columns)!
                            .SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries)),
                    ]
                );
                var most = parsed.GetValue(all) ? int.MaxValue : parsed.GetValue(limit);
                var found = await FindAsync(session.Rest, request, most, cancellationToken);
                return Answer.Write(
                    parsed,
                    found,
                    HarimaJson.Default.SearchResultDto,
                    result => Print(result, request)
                );
            }
        );
        return command;
    }

    /// <summary>One answer with the hits of as many pages as are asked for.</summary>
    static async Task<SearchResultDto> FindAsync(
        HarimaClient rest,
        SearchRequestDto request,
        int most,
        CancellationToken cancellationToken
    )
    {
        var hits = new List<SearchHitDto>();
        SearchResultDto? first = null;
        string? next = null;
        do
        {
            var page = await rest.SearchAsync(
                request with
                {
                    Cursor = next,
                    Limit = Math.Clamp(most - hits.Count, 1, PageSize),
                    Facets = first is null ? request.Facets : [],
                },
                cancellationToken
            );
            first ??= page;
            hits.AddRange(page.Items);
            next = page.Next;
        } while (next is not null && hits.Count < most);
        return first with { Items = hits, Next = next };
    }

    static void Print(SearchResultDto result, SearchRequestDto request)
    {
        Answer.Table(
            ["Sequence", "Created", "State", "Files", "Size", "Title", .. request.Columns!],
            result.Items.Select(hit =>
                new[]
                {
                    $"{hit.Sequence.ProposalId}/{hit.Sequence.Id}",
                    Answer.Time(hit.Sequence.CreatedAt),
                    hit.Sequence.State.ToString().ToLowerInvariant(),
                    $"{hit.Sequence.FileCount}",
                    Answer.Size(hit.Sequence.SizeBytes),
                    hit.ProposalTitle,
                }
                    .Concat(request.Columns!.Select(column => hit.Columns.GetValueOrDefault(column) ?? ""))
                    .ToArray()
            )
        );
        foreach (var facet in result.Facets.Where(facet => facet.Values.Count > 0))
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(facet.Field);
            Answer.Table(
                ["  Value", "Count"],
                facet.Values.Select(value =>
                    new[]
                    {
                        "  " + value.Value + (value.Label is null ? "" : $" ({value.Label})"),
                        value.Count + (value.More ? "+" : ""),
                    }
                )
            );
        }
        // Beside the table, so that a program reading that is not disturbed.
        Console.Error.WriteLine($"{result.Count}{(result.More ? "+" : "")} found, {result.Items.Count} shown.");
        foreach (var path in result.UnknownPaths)
            Console.Error.WriteLine($"No sequence you may see has a value at '{path}'.");
        if (result.State != "ready")
            Console.Error.WriteLine($"The search index is being made ({result.Built:P0}): there may be more.");
    }
}
