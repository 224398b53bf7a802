using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Sequences;

static class ShareCommand
{
    public static Command Build()
    {
        var place = new Argument<string>("proposal/sequence");
        var with = new Option<string?>("--with") { Description = "User id or e-mail of a person" };
        var right = new Option<string?>("--right") { Description = "read, write, manage, or none to take it back" };
        right.AcceptOnlyFromAmong("read", "write", "manage", "none");
        var everyone = new Option<bool>("--everyone") { Description = "Anybody may read it, logged in or not" };
        var limited = new Option<bool>("--limited") { Description = "Only those with a right may read it" };
        var command = new Command("share", "Who may use a sequence; with options, change that")
        {
            place,
            with,
            right,
            everyone,
            limited,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var person = parsed.GetValue(with);
                var (open, close) = (parsed.GetValue(everyone), parsed.GetValue(limited));
                if (open && close)
                    throw new UsageException("Give --everyone or --limited, not both.");
                if (person is null != parsed.GetValue(right) is null)
                    throw new UsageException("Give --with and --right together, such as --with sato --right read.");
                if (open || close)
                    await session.Rest.SetVisibilityAsync(
                        proposal,
                        sequence,
                        open ? SequenceVisibility.Everyone : SequenceVisibility.Limited,
                        cancellationToken
                    );
                if (person is not null)
                    await session.Rest.ShareAsync(
                        proposal,
                        sequence,
                        person,
                        Enum.Parse<AccessRight>(parsed.GetValue(right)!, ignoreCase: true),
                        cancellationToken
                    );
                var access = await session.Rest.GetAccessAsync(proposal, sequence, cancellationToken);
                return Answer.Write(parsed, access, HarimaJson.Default.AccessDto, Write);
            }
        );
        return command;
    }

    static void Write(AccessDto access)
    {
        if (!Console.IsOutputRedirected)
            Console.Out.WriteLine(
                access.Visibility == SequenceVisibility.Everyone ? "Everyone may read it." : "Limited to:"
            );
        Answer.Table(
            ["User", "Right", "Because", "Name"],
            access.Entries.Select(entry =>
                new[]
                {
                    entry.UserId,
                    entry.Right.ToString().ToLowerInvariant(),
                    entry.Removable ? $"shared by {entry.GrantedBy}"
                    : entry.On == "facility" ? entry.Role
                    : $"{entry.Role} of {entry.OnId}",
                    entry.Name,
                }
            )
        );
    }
}
