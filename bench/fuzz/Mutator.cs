using System.Text;

namespace Harima.Fuzz;

/// <summary>Makes inputs out of others: bits, bytes, numbers, words, and pieces cut, doubled, moved or taken from elsewhere.</summary>
sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    const int MaxBytes = 16 << 10;

    static readonly byte[] Bytes =
    [
        0,
        1,
        9,
        10,
        13,
        32,
        0x22,
        0x25,
        0x26,
        0x2b,
        0x2f,
        0x3a,
        0x3b,
        0x3c,
        0x7f,
        0x80,
        0xc0,
        0xe3,
        0xff,
    ];
    readonly byte[][] _words = [.. words.Select(Encoding.Latin1.GetBytes)];

    public byte[] Mutate(byte[] parent, byte[] other)
    {
        var input = parent.ToList();
        for (var times = 1 << random.Next(5); times > 0; times--)
            Change(input, other);
        if (input.Count > MaxBytes)
            input.RemoveRange(MaxBytes, input.Count - MaxBytes);
        return [.. input];
    }

    void Change(List<byte> input, byte[] other)
    {
        var at = random.Next(input.Count + 1);
        var kind = random.Next(9);
        if (at == input.Count && kind < 3)
            kind = 3;
        switch (kind)
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input[at] = Bytes[random.Next(Bytes.Length)];
                break;
            case 3:
                input.Insert(at, Bytes[random.Next(Bytes.Length)]);
                break;
            case 4 or 5:
                var word = _words[random.Next(_words.Length)];
                if (random.Next(2) == 0)
                    input.RemoveRange(at, Math.Min(word.Length, input.Count - at));
                input.InsertRange(at, word);
                break;
            case 6:
                input.RemoveRange(at, Length(input.Count - at));
                break;
            case 7:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, Length(input.Count - at)));
                break;
            default:
                var from = random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Length(other.Length - from)).ToArray());
                break;
        }
    }

    // Mostly little, sometimes all.
    int Length(int most) => random.Next(4) == 0 ? random.Next(most + 1) : Math.Min(most, random.Next(9));
}
