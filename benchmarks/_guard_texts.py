"""Texts out of copyright, or written for this: what people say, and what no recognizer should."""

from __future__ import annotations

ENGLISH = (
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, "
    "must be in want of a wife. However little known the feelings or views of such a man may be on "
    "his first entering a neighbourhood, this truth is so well fixed in the minds of the "
    "surrounding families, that he is considered as the rightful property of some one or other of "
    "their daughters.",
    "Alice was beginning to get very tired of sitting by her sister on the bank, and of having "
    "nothing to do: once or twice she had peeped into the book her sister was reading, but it had "
    "no pictures or conversations in it, and what is the use of a book, thought Alice, without "
    "pictures or conversations?",
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in "
    "my purse, and nothing particular to interest me on shore, I thought I would sail about a "
    "little and see the watery part of the world.",
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, "
    "conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we "
    "are engaged in a great civil war, testing whether that nation, or any nation so conceived and "
    "so dedicated, can long endure.",
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the "
    "age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the "
    "season of Light, it was the season of Darkness, it was the spring of hope, it was the "
    "winter of despair, we had everything before us, we had nothing before us.",
    "So the way I see it, we ship on Thursday, and if the tests are red, well, then we ship on "
    "Monday, it is not the end of the world. Anna, could you talk to the customer, because they "
    "expect an answer by tomorrow, and, you know, they were a bit upset the last time.",
    "The appointment is at half past nine. Please bring your passport, your insurance card and the "
    "letter from your doctor, and do not eat anything for six hours before. If you cannot come, "
    "call us at least one day earlier so that somebody else can have the place.",
    "Well, I mean, it is, it is not that I do not like it, it is just, you know, a bit too much "
    "for me, I think, and, um, and then there is the price, and the price is, well, the price.",
    "During the whole of a dull, dark, and soundless day in the autumn of the year, when the "
    "clouds hung oppressively low in the heavens, I had been passing alone, on horseback, "
    "through a singularly dreary tract of country.",
    "Whether I shall turn out to be the hero of my own life, or whether that station will be held "
    "by anybody else, these pages must show. To begin my life with the beginning of my life, I "
    "record that I was born on a Friday, at twelve o'clock at night.",
)

RUSSIAN = (
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. "
    "Все смешалось в доме Облонских. Жена узнала, что муж был в связи с бывшею в их доме "
    "француженкою-гувернанткой, и объявила мужу, что не может жить с ним в одном доме.",
    "Мой дядя самых честных правил, когда не в шутку занемог, он уважать себя заставил и лучше "
    "выдумать не мог. Его пример другим наука; но, боже мой, какая скука с больным сидеть и день и "
    "ночь, не отходя ни шагу прочь!",
    "Говорили, что на набережной появилось новое лицо: дама с собачкой. Дмитрий Дмитрич Гуров, "
    "проживший в Ялте уже две недели и привыкший тут, тоже стал интересоваться новыми лицами.",
    "В начале июля, в чрезвычайно жаркое время, под вечер, один молодой человек вышел из своей "
    "каморки, которую нанимал от жильцов в переулке, на улицу и медленно, как бы в "
    "нерешимости, отправился к мосту.",
    "Чуден Днепр при тихой погоде, когда вольно и плавно мчит сквозь леса и горы полные воды свои. "
    "Ни зашелохнет; ни прогремит. Глядишь, и не знаешь, идет или не идет его величавая ширина.",
    "Добрый день, компания «Окна и двери», меня зовут Мария, чем могу помочь? Скажите, пожалуйста, "
    "номер вашего заказа, я посмотрю, когда приедет мастер. Так, вижу, завтра с двенадцати до "
    "трёх, вам удобно будет?",
    "Ну вот смотрите, если мы берём этот вариант, то, значит, у нас получается дешевле, но срок, "
    "срок вырастает примерно на две недели, и это, ну, это надо обсуждать с заказчиком, потому что "
    "они ждут к пятнадцатому.",
    "Во дни сомнений, во дни тягостных раздумий о судьбах моей родины, ты один мне поддержка и "
    "опора, о великий, могучий, правдивый и свободный русский язык! Не будь тебя, как не впасть в "
    "отчаяние при виде всего, что совершается дома?",
    "Возьмите, пожалуйста, с собой паспорт, полис и направление, приходите натощак к восьми утра, "
    "кабинет на втором этаже, двести четырнадцатый. Если не сможете, позвоните накануне, чтобы "
    "мы отдали время кому-нибудь другому.",
    "Скажи-ка, дядя, ведь не даром Москва, спаленная пожаром, французу отдана? Ведь были ж схватки "
    "боевые, да, говорят, еще какие! Недаром помнит вся Россия про день Бородина!",
)

REPETITIVE = (  # said or sung like this, and right
    (
        "en",
        "Hear the sledges with the bells, silver bells! What a world of merriment their melody "
        "foretells! Keeping time, time, time, in a sort of Runic rhyme, to the tintinnabulation "
        "that so musically wells from the bells, bells, bells, bells, bells, bells, bells.",
    ),
    ("en", "No, no, no, no, wait. Stop, stop, stop."),
    ("en", "Yeah, yeah, yeah, yeah, sure. Okay, okay."),
    (
        "en",
        "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, "
        "life is but a dream. Row, row, row your boat, gently down the stream. Merrily, merrily, "
        "merrily, merrily, life is but a dream.",
    ),
    (
        "en",
        "Happy birthday to you, happy birthday to you, happy birthday, dear Anna, happy birthday "
        "to you.",
    ),
    (
        "en",
        "London Bridge is falling down, falling down, falling down. London Bridge is falling down, "
        "my fair lady.",
    ),
    ("en", "Testing, testing, one two three. One two three. Testing, one two three."),
    ("en", "Hello? Hello? Can you hear me? Hello? Can you hear me now? Hello?"),
    ("en", "Very very very very long, and very very boring."),
    ("en", "Go, go, go, go! Run, run, run!"),
    ("en", "Ha ha ha ha ha, that is good."),
    ("en", "Knock knock. Who is there? Knock knock. Who is there? Knock knock. Who is there?"),
    ("ru", "Да, да, да, да, конечно. Да, да."),
    ("ru", "Нет, нет, нет, нет, нет, подождите."),
    ("ru", "Алло! Алло! Вы меня слышите? Алло! Алло!"),
    (
        "ru",
        "Калинка, калинка, калинка моя, в саду ягода малинка, малинка моя. Калинка, калинка, "
        "калинка моя, в саду ягода малинка, малинка моя.",
    ),
    (
        "ru",
        "Ой, мороз, мороз, не морозь меня, не морозь меня, моего коня. Не морозь меня, моего коня, "
        "моего коня, белогривого.",
    ),
    ("ru", "Тихо, тихо, тихо, тихо. Всё хорошо, всё хорошо."),
    ("ru", "Раз, два, три, раз, два, три, раз, два, три, проверка."),
    ("ru", "Ха-ха-ха-ха, ну ты даёшь, ну ты даёшь."),
    (
        "ru",
        "Во поле берёза стояла, во поле кудрявая стояла, люли, люли, стояла, люли, люли, стояла.",
    ),
    ("ru", "Угу. Угу. Угу. Понятно. Угу."),
    ("ru", "Быстро, быстро, быстро, бегом, бегом, бегом!"),
    ("ru", "Так, так, так, так, а где у нас договор? Так."),
)

NUMBERS = (
    ("en", "One two three four five six seven eight nine ten eleven twelve thirteen fourteen."),
    ("en", "My number is 5 5 5, 0 1 2 3, 5 5 5, 4 4 4 4."),
    ("en", "The code is 0 0 0 0 0 7 1, then hash."),
    ("en", "In 1999 we sold 1,250,000 units, in 2000 1,300,000 and in 2001 1,350,000."),
    ("en", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
    ("en", "That is S as in sugar, M as in Mary, I, T, H. Smith."),
    ("en", "W W W dot example dot com slash a b c"),
    ("ru", "Запишите: 8 9 1 6 2 2 2 2 2 2 4."),
    ("ru", "Пять пять пять, двадцать два, двадцать два, двадцать два."),
    ("ru", "Счёт 40702810000000000000, БИК 044525225."),
    ("ru", "По буквам: Елена, Елена, Анна, Борис, Борис, Анна."),
    ("ru", "А, бэ, вэ, гэ, дэ, е, ё, жэ, зэ, и, ка, эль, эм, эн, о, пэ, эр, эс, тэ, у."),
    ("ru", "Первый, первый, я второй, приём. Первый, я второй."),
    ("ru", "От 1 до 2, от 2 до 3, от 3 до 4, от 4 до 5, от 5 до 6."),
)

SWITCHING = (  # names and borrowed words, right
    (
        "ru",
        "Откройте Visual Studio Code, потом Settings, потом Extensions и найдите GitHub Copilot.",
    ),
    ("ru", "Мы переехали с AWS на Google Cloud, там Kubernetes и PostgreSQL."),
    ("ru", "Он сказал: to be or not to be, и вышел."),
    ("ru", "Купи iPhone, а не Samsung Galaxy."),
    ("ru", "Позовите, пожалуйста, Michael Johnson из Morgan Stanley."),
    ("ru", "Группа называется Radiohead, песня Karma Police."),
    ("ru", "Yes, of course, we can do it tomorrow. Да, давайте завтра."),
    ("en", "He lives in Нижний Новгород, I think."),
    ("en", "The Greek letter π is about three, and α is the first one."),
    ("en", "She ordered a crème brûlée and a café au lait."),
    ("en", "We met at 東京 station."),
    ("ru", "Формула E равно m c квадрат, где c скорость света."),
)

SHORT = (
    ("en", "Yes."),
    ("en", "No."),
    ("en", "Okay."),
    ("en", "Thank you."),
    ("en", "Bye."),
    ("en", "Right, right."),
    ("en", "I see."),
    ("ru", "Да."),
    ("ru", "Нет."),
    ("ru", "Угу."),
    ("ru", "Спасибо."),
    ("ru", "Ладно, пока."),
    ("ru", "Хорошо."),
    ("ru", "Ну да."),
)

FAREWELLS = (  # said by somebody
    ("en", "And that is all for today. Thanks for watching, and see you next time."),
    ("en", "Please subscribe to my channel if you liked it."),
    ("en", "Thank you very much for listening."),
    ("ru", "На этом у меня всё. Спасибо за внимание, готов ответить на вопросы."),
    ("ru", "Продолжение следует, сказал он и засмеялся."),
    ("ru", "Подписывайтесь на канал и ставьте лайки."),
)

INVENTED = (  # on silence, noise or music
    ("en", "Thanks for watching!"),
    ("en", "Thank you for watching."),
    ("en", "Thank you."),
    ("en", "you"),
    ("en", "Bye."),
    ("en", "Please subscribe to my channel."),
    ("en", "Subtitles by the Amara.org community"),
    ("en", "Transcription by CastingWords"),
    ("en", "See you in the next video."),
    ("en", "Don't forget to like and subscribe."),
    ("ru", "Субтитры сделал DimaTorzok"),
    ("ru", "Субтитры создавал DimaTorzok"),
    ("ru", "Продолжение следует..."),
    ("ru", "Редактор субтитров А.Семкин Корректор А.Егорова"),
    ("ru", "Спасибо за просмотр!"),
    ("ru", "Подписывайтесь на канал!"),
    ("ru", "ДИНАМИЧНАЯ МУЗЫКА"),
    ("ru", "Спасибо."),
    ("ru", "До новых встреч!"),
    ("ru", "Ставьте лайки и подписывайтесь на канал."),
)

LOOPED = (  # what comes back
    (
        "en",
        (
            "Thank you.",
            "you",
            "I'm sorry.",
            "the",
            "No.",
            "I don't know.",
            "Okay, okay.",
            "I'm going to go to the store.",
            "And then I was like, oh my God.",
            "We are going to talk about the history of the world today.",
            "Thank you, Mr. President.",
            "la",
            "so",
            "It's a good thing.",
        ),
    ),
    (
        "ru",
        (
            "Спасибо.",
            "да",
            "Я не знаю.",
            "и",
            "Субтитры сделал DimaTorzok",
            "Продолжение следует...",
            "Я думаю, что это очень важно.",
            "Нет.",
            "Мы будем говорить о том, что мы будем делать.",
            "Ну,",
            "так что",
            "В общем, это всё, что я хотел сказать сегодня.",
            "а",
            "Всё хорошо.",
        ),
    ),
)

STRANGE = (  # another alphabet in a recording of the language
    ("ru", "ご視聴ありがとうございました"),
    ("ru", "시청해주셔서 감사합니다"),
    ("ru", "字幕由Amara.org社区提供"),
    ("ru", "شكرا على المشاهدة والاستماع"),
    ("ru", "Thank you so much for being here with us tonight everybody"),
    ("ru", "Vse shchastlivye semi pohozhi drug na druga"),
    ("ru", "Ευχαριστώ πολύ που παρακολουθήσατε"),
    ("en", "ご視聴ありがとうございました"),
    ("en", "Спасибо за то, что были с нами"),
    ("en", "시청해주셔서 감사합니다"),
    ("en", "请不吝点赞订阅转发打赏支持明镜与点点栏目"),
    ("en", "धन्यवाद देखने के लिए"),
)
