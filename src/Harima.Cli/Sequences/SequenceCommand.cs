using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Sequences;

static class SequenceCommand
{
    public static Command Build() =>
        new("sequence", "One sequence")
        {
            BuildOne(
                "show",
                "What there is to say about it",
                (rest, p, s, cancel) => rest.GetSequenceAsync(p, s, cancel)
            ),
            BuildOne("open", "Open a new one", (rest, p, s, cancel) => rest.OpenSequenceAsync(p, s, cancel)),
            BuildOne(
                "close",
                "Close it for good: nothing of it changes any more",
                (rest, p, s, cancel) => rest.CloseSequenceAsync(p, s, cancel)
            ),
            BuildDelete(),
        };

    static Command BuildOne(
        string name,
        string description,
        Func<HarimaClient, string, string, CancellationToken, Task<SequenceDto>> act
    )
    {
        var place = new Argument<string>("proposal/sequence");
        var command = new Command(name, description) { place };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var answer = await act(session.Rest, proposal, sequence, cancellationToken);
                return Answer.Write(parsed, answer, HarimaJson.Default.SequenceDto, Write);
            }
        );
        return command;
    }

    static Command BuildDelete()
    {
        var place = new Argument<string>("proposal/sequence");
        var command = new Command("delete", "Delete an open one that holds no files") { place };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                await session.Rest.DeleteSequenceAsync(proposal, sequence, cancellationToken);
                return Answer.Write(
                    parsed,
                    new OkDto(true),
                    CliJson.Default.OkDto,
                    _ => Console.Out.WriteLine($"{proposal}/{sequence} is deleted.")
                );
            }
        );
        return command;
    }

    static void Write(SequenceDto sequence)
    {
        var lines = new (string Name, string Value)[]
        {
            ("Sequence", $"{sequence.ProposalId}/{sequence.Id}"),
            ("State", sequence.State.ToString().ToLowerInvariant()),
            ("Sharing", sequence.Visibility.ToString().ToLowerInvariant()),
            ("Your right", $"{sequence.MyRight}".ToLowerInvariant()),
            ("Beamline", sequence.BeamlineId),
            ("Owner", sequence.Owner),
            ("Created", Answer.Time(sequence.CreatedAt)),
            ("Closed", sequence.ClosedAt is { } at ? Answer.Time(at) : "-"),
            ("Files", $"{sequence.FileCount}"),
            ("Size", Answer.Size(sequence.SizeBytes)),
            ("S3", sequence.S3Uri),
        };
        foreach (var (name, value) in lines)
            Console.Out.WriteLine($"{name, -12}{value}");
    }
}
