using System.Buffers.Binary;
using System.Text;

namespace Sightline.Models;

/// <summary>A name that a pickle refers to, e.g. <c>torch.FloatStorage</c>. It is only ever compared, never looked up.</summary>
internal sealed record PickleName(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A call that the pickle asks for and that is on the list of the harmless: kept as data, for the reader to interpret.</summary>
internal sealed record PickleCall(PickleName Function, IReadOnlyList<object?> Arguments);

/// <summary>A reference to something outside the pickle; PyTorch names storages so.</summary>
internal sealed record PicklePersistent(IReadOnlyList<object?> Id);

/// <summary>A dictionary in the order of its keys.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>
/// Reads Python pickles as data. Pickle is a small stack machine whose programs may call any function by name; this one knows the
/// opcodes that dictionaries of tensors need, keeps the few allowed calls as records, refuses every other name, and runs nothing.
/// </summary>
internal sealed class PickleReader
{
    // Real state dictionaries stay far below these; a bomb meets them before memory does.
    private const int MostObjects = 5_000_000;
    private const long MostText = 1 << 28;

    private static readonly object Mark = new();

    private readonly Stream stream;
    private readonly string path;
    private readonly IReadOnlySet<string> allowed;
    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];
    private int steps;
    private long text;

    private PickleReader(Stream stream, string path, IReadOnlySet<string> allowed)
    {
        this.stream = stream;
        this.path = path;
        this.allowed = allowed;
    }

    /// <summary>Reads one pickle and leaves the stream behind it.</summary>
    /// <param name="stream">Where it begins.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="allowed">The names that may be referred to and called, as <c>module.name</c>.</param>
    /// <returns>Strings, long, double, bool, null, lists, tuples (as arrays), <see cref="PickleDictionary"/>, records.</returns>
    /// <exception cref="BadInputException">It wants to call something else (<c>weights-unsafe</c>), or is damaged (<c>weights-damaged</c>).</exception>
    public static object? Read(Stream stream, string path, IReadOnlySet<string> allowed)
    {
        try
        {
            return new PickleReader(stream, path, allowed).Run();
        }
        catch (Exception exception) when (exception is InvalidCastException or ArgumentOutOfRangeException or EndOfStreamException
            or DecoderFallbackException or OverflowException)
        {
            throw Damaged(path, "its pickle ends early or does not make sense.", exception);
        }
    }

    /// <summary>The error for a damaged file.</summary>
    public static BadInputException Damaged(string path, string what, Exception? inner = null) => new(
        "weights-damaged", "Not a usable PyTorch weight file: " + what, path, fix: "Copy or download it again.", inner: inner);

    private object? Run()
    {
        for (; ; )
        {
            if (++steps > MostObjects)
                throw Damaged(path, $"its pickle has more than {MostObjects} steps.");
            int opcode = stream.ReadByte();
            switch (opcode)
            {
                case '.': return Pop();                                           // STOP
                case 0x80: Byte(); break;                                         // PROTO
                case 0x95: Bytes(8); break;                                       // FRAME
                case '(': stack.Add(Mark); break;                                 // MARK
                case '0': Pop(); break;                                           // POP
                case '1': PopToMark(); break;                                     // POP_MARK
                case '2': stack.Add(stack[^1]); break;                            // DUP
                case 'N': stack.Add(null); break;                                 // NONE
                case 0x88: stack.Add(true); break;                                // NEWTRUE
                case 0x89: stack.Add(false); break;                               // NEWFALSE
                case 'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;  // BININT
                case 'K': stack.Add((long)Byte()); break;                         // BININT1
                case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;  // BININT2
                case 0x8a: stack.Add(Long(Bytes(Byte()))); break;                 // LONG1
                case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;  // BINFLOAT
                case 'X': stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;  // BINUNICODE
                case 0x8c: stack.Add(Text(Byte())); break;                        // SHORT_BINUNICODE
                case 'T': stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;  // BINSTRING
                case 'U': stack.Add(Text(Byte())); break;                         // SHORT_BINSTRING
                case 'C': stack.Add(Bytes(Byte()).ToArray()); break;              // SHORT_BINBYTES
                case 'B': stack.Add(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))).ToArray()); break;  // BINBYTES
                case ')': stack.Add(Array.Empty<object?>()); break;               // EMPTY_TUPLE
                case 't': stack.Add(PopToMark()); break;                          // TUPLE
                case 0x85: stack.Add(PopLast(1)); break;                          // TUPLE1
                case 0x86: stack.Add(PopLast(2)); break;                          // TUPLE2
                case 0x87: stack.Add(PopLast(3)); break;                          // TUPLE3
                case ']': stack.Add(new List<object?>()); break;                  // EMPTY_LIST
                case 'l': stack.Add(new List<object?>(PopToMark())); break;       // LIST
                case '}': stack.Add(new PickleDictionary()); break;               // EMPTY_DICT
                case 'd': { object?[] items = PopToMark(); stack.Add(new PickleDictionary()); SetItems(items); break; }  // DICT
                case 'a': { object? item = Pop(); As<List<object?>>(stack[^1]).Add(item); break; }  // APPEND
                case 'e': { object?[] items = PopToMark(); As<List<object?>>(stack[^1]).AddRange(items); break; }  // APPENDS
                case 's': SetItems(PopLast(2)); break;                            // SETITEM
                case 'u': SetItems(PopToMark()); break;                           // SETITEMS
                case 'q': memo[Byte()] = stack[^1]; break;                        // BINPUT
                case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = stack[^1]; break;  // LONG_BINPUT
                case 0x94: memo[memo.Count] = stack[^1]; break;                   // MEMOIZE
                case 'h': Recall(Byte()); break;                                  // BINGET
                case 'j': Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;  // LONG_BINGET
                case 'c': stack.Add(Name(Line(), Line())); break;                 // GLOBAL
                case 0x93: { object?[] name = PopLast(2); stack.Add(Name(As<string>(name[0]), As<string>(name[1]))); break; }  // STACK_GLOBAL
                case 'R': Reduce(); break;                                        // REDUCE
                case 'b': Pop(); break;                                           // BUILD: attributes beside the data, e.g. _metadata
                case 'Q': stack.Add(new PicklePersistent(As<object?[]>(Pop()))); break;  // BINPERSID
                case -1: throw new EndOfStreamException();
                default: throw Unsafe($"uses the pickle instruction 0x{opcode:x2}, which no dictionary of tensors needs");
            }
        }
    }

    private void Reduce()
    {
        object?[] pair = PopLast(2);
        if (pair[0] is not PickleName function)
            throw Damaged(path, "its pickle calls something that is not a name.");
        object?[] arguments = As<object?[]>(pair[1]);
        stack.Add(function.ToString() == "collections.OrderedDict" ? new PickleDictionary() : new PickleCall(function, arguments));
        if (stack[^1] is PickleDictionary && arguments.Length > 0)
        {
            // OrderedDict([(key, value), …])
            foreach (object? item in As<IList<object?>>(arguments[0]))
                SetItems(As<object?[]>(item));
        }
    }

    private PickleName Name(string module, string name)
    {
        var found = new PickleName(module, name);
        if (!allowed.Contains(found.ToString()))
            throw Unsafe($"wants to call or create {found}, and nothing in a weight file is executed");
        return found;
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Damaged(path, "its pickle has a key without a value.");
        var dictionary = As<PickleDictionary>(stack[^1]);
        steps += items.Length / 2;
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Items.Add(new(items[i], items[i + 1]));
    }

    private void Recall(long key) => stack.Add(memo.TryGetValue(key, out object? value) ? value : throw Damaged(path, "its pickle recalls what it never stored."));

    private static T As<T>(object? value) => value is T t ? t : throw new InvalidCastException();

    private object? Pop()
    {
        object? top = stack[^1];
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private object?[] PopLast(int count)
    {
        object?[] items = [.. stack.GetRange(stack.Count - count, count)];
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        int mark = stack.LastIndexOf(Mark);
        object?[] items = PopLast(stack.Count - mark - 1);
        stack.RemoveAt(mark);
        return items;
    }

    private byte Byte() => stream.ReadByte() is int b and >= 0 ? (byte)b : throw new EndOfStreamException();

    private ReadOnlySpan<byte> Bytes(long count)
    {
        if ((text += count) > MostText)
            throw Damaged(path, $"its pickle has more than {MostText} bytes of text.");
        byte[] bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string Text(long count) => Encoding.UTF8.GetString(Bytes(count));

    private string Line()
    {
        var line = new StringBuilder();
        for (byte b = Byte(); b != '\n'; b = Byte())
        {
            if (line.Append((char)b).Length > 1000)
                throw Damaged(path, "its pickle has a name of more than 1000 letters.");
        }
        return line.ToString();
    }

    private static object Long(ReadOnlySpan<byte> littleEndian)
    {
        var value = new System.Numerics.BigInteger(littleEndian);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private BadInputException Unsafe(string what) => new("weights-unsafe", $"Refused: the file {what}.", path,
        fix: "Only dictionaries of tensors are read. In PyTorch: torch.save(model.state_dict(), path), or convert it to safetensors.");
}
